/** The product's Worker, with objects that count what Cloudflare would bill and report it on their own host name. */

import type { DurableObjectState, Request, SqlStorage } from '@cloudflare/workers-types';
import type { EdgeBindings } from '../../../src/adapters/durable-object/bindings.ts';
import type { DirectoryVersion, ObjectTotal, SentUsage } from '../../../src/adapters/edge/protocol.ts';
import { hostOf } from '../../../src/adapters/worker/request-facts.ts';
import worker, {
  AdministrationObject,
  ClientObject as Client,
  DirectoryObject as Directory,
  LedgerObject as Ledger,
  RightsObject,
} from '../../../src/entry/worker.ts';
import { COUNTS_HOST, type Counts } from './counts.ts';

export { AdministrationObject, RightsObject };

/** All objects of this process are in one isolate. */
const counts = { requests: 0, clientCalls: 0, alarms: 0, ledgerCalls: 0, directoryCalls: 0, rowsWritten: 0 };

export class ClientObject extends Client {
  constructor(ctx: DurableObjectState, env: EdgeBindings) {
    countRows(ctx.storage.sql);
    const { storage } = ctx;
    const setAlarm = storage.setAlarm.bind(storage);
    storage.setAlarm = (at) => {
      counts.rowsWritten++;
      return setAlarm(at);
    };
    super(ctx, env);
  }

  override record(sent: SentUsage): Promise<ObjectTotal> {
    counts.clientCalls++;
    for (const { requests } of sent.usage) counts.requests += requests;
    return super.record(sent);
  }

  override total(clientId: string, windowMs: number): Promise<ObjectTotal> {
    counts.clientCalls++;
    return super.total(clientId, windowMs);
  }

  override alarm(): Promise<void> {
    counts.alarms++;
    return super.alarm();
  }
}

/** A statement has written all of its rows when the next one starts. */
function countRows(sql: SqlStorage): void {
  const exec = sql.exec.bind(sql) as SqlStorage['exec'];
  let last: { readonly rowsWritten: number } | undefined;
  sql.exec = ((query: string, ...values: unknown[]) => {
    counts.rowsWritten += last?.rowsWritten ?? 0;
    const cursor = exec(query, ...values);
    last = cursor;
    return cursor;
  }) as SqlStorage['exec'];
}

export class LedgerObject extends Ledger {}

/** RPC finds methods only on the class. */
for (const name of [
  'take',
  'lastSequence',
  'taken',
  'skipLost',
  'holdClients',
  'clockMs',
  'postsOf',
] as const) {
  const inherited = Ledger.prototype[name];
  Object.defineProperty(LedgerObject.prototype, name, {
    value(this: Ledger, ...given: unknown[]): unknown {
      counts.ledgerCalls++;
      return Reflect.apply(inherited, this, given);
    },
  });
}

export class DirectoryObject extends Directory {
  override directory(known: string | null): Promise<DirectoryVersion | null> {
    counts.directoryCalls++;
    return super.directory(known);
  }

  override lookAfter(objectIds: readonly string[], inMs: number): Promise<void> {
    counts.directoryCalls++;
    return super.lookAfter(objectIds, inMs);
  }
}

export default {
  ...worker,
  fetch(request: Request, env: EdgeBindings): unknown {
    if (hostOf(request.url) !== COUNTS_HOST) return worker.fetch(request, env);
    return Response.json(counts satisfies Counts);
  },
};
