/** The use of Durable Objects by a million requests, as `counted-worker.ts` counts it. */

import { ask } from '../../support/http/ask.ts';

export const COUNTS_HOST = 'counts.test';

export interface Counts {
  /** Requests of clients whose usage the objects have. */
  readonly requests: number;
  /** Calls of the clients' objects by isolates. */
  readonly clientCalls: number;
  readonly alarms: number;
  /** Calls of ledger objects by the clients' objects. */
  readonly ledgerCalls: number;
  readonly directoryCalls: number;
  /** Rows written by the clients' objects, including their alarms. */
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

/** Requests of Durable Objects that Cloudflare bills: method calls and alarms. */
export function objectRequests({ clientCalls, alarms, ledgerCalls, directoryCalls }: Counts): number {
  return clientCalls + alarms + ledgerCalls + directoryCalls;
}
