/** What a million requests of clients take of Durable Objects, as `counted-worker.ts` counts it. */

import { ask } from '../../support/http/ask.ts';

export const COUNTS_HOST = 'counts.test';

export interface Counts {
  /** Of clients, whose usage the objects have. */
  readonly requests: number;
  /** Of the objects of clients, by isolates. */
  readonly clientCalls: number;
  readonly alarms: number;
  /** Of ledger objects, by those of clients. */
  readonly ledgerCalls: number;
  readonly directoryCalls: number;
  /** By the objects of clients, with the alarms they set. */
  readonly rowsWritten: number;
}

export async function countsOf(url: string): Promise<Counts> {
  const { body } = await ask(url, '/', { headers: { host: COUNTS_HOST } });
  return JSON.parse(body.toString()) as Counts;
}

export function between(before: Counts, after: Counts): Counts {
  return {
    requests: after.requests - before.requests,
    clientCalls: after.clientCalls - before.clientCalls,
    alarms: after.alarms - before.alarms,
    ledgerCalls: after.ledgerCalls - before.ledgerCalls,
    directoryCalls: after.directoryCalls - before.directoryCalls,
    rowsWritten: after.rowsWritten - before.rowsWritten,
  };
}

/** Requests that Cloudflare bills of Durable Objects: calls of their methods, and alarms. */
export function objectRequests({ clientCalls, alarms, ledgerCalls, directoryCalls }: Counts): number {
  return clientCalls + alarms + ledgerCalls + directoryCalls;
}
