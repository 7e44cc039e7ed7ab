/** Objects with their own PostgreSQL, and clients whose usage one isolate sends. */

import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { ObjectTotal, SentUsage } from '../../../src/adapters/edge/protocol.ts';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { usageOf } from '../../meter/usages.ts';
import { startPostgres, type TestPostgres } from '../../support/services/postgres.ts';
import type { ClientObject } from './worker.ts';
import { type Objects, type Remote, startObjects } from './workerd.ts';

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
/** The alarm fires a few seconds after usage has arrived, and later after failures. */
export const SHIPPED = { timeout: 30_000, interval: 200 };

export interface ObjectSite {
  readonly objects: Objects;
  readonly server: TestPostgres;
  readonly sql: postgres.Sql;
  client(clientId?: string): ObjectClient;
  /** Posts of a client in the ledger. */
  inLedger(clientId: string): Promise<number>;
  stop(): Promise<void>;
}

export interface ObjectClient {
  readonly clientId: string;
  readonly object: Remote<ClientObject>;
  /** Returns the next usage of the isolate. */
  sent(posts: number, some?: Partial<SentUsage>): SentUsage;
  record(posts: number): Promise<ObjectTotal>;
  total(): Promise<ObjectTotal>;
  /** Deletes the object's memory, but not its storage. */
  evict(): Promise<void>;
}

export async function startSite(): Promise<ObjectSite> {
  const server = await startPostgres();
  await migratePostgres(server.url);
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  const objects = await startObjects({ databaseUrl: server.url });
  return {
    ...{ objects, server, sql },
    client: (clientId) => clientOf(objects, clientId),
    inLedger: async (clientId) => {
      const [row] =
        await sql`select coalesce(sum(posts), 0)::int as posts from usage where client_id = ${clientId}`;
      return row!.posts;
    },
    stop: async () => {
      await objects.stop();
      await sql.end();
      await server.stop();
    },
  };
}

/** The configuration of isolates in tests. */
export const COUNTED_UNDER = { hash: '0'.repeat(64), version: '0.0.0' };

export function clientOf(objects: Objects, clientId = `client ${randomUUID()}`): ObjectClient {
  const object = objects.object<ClientObject>('CLIENTS', clientId);
  const producerId = randomUUID();
  let sequence = 0;
  const sent = (posts: number, some: Partial<SentUsage> = {}): SentUsage => {
    sequence += 1;
    const usage = [usageOf({ clientId, posts, bucketMs: thisMinute() })];
    return {
      clientId,
      sender: producerId,
      sequence,
      usage,
      windowMs: DAY_MS,
      configuration: COUNTED_UNDER,
      ...some,
    };
  };
  return {
    ...{ clientId, object, sent },
    record: (posts) => object.record(sent(posts)),
    total: () => object.total(clientId, DAY_MS),
    // The call fails, because it ends with the object.
    evict: () => object.evict().catch(() => {}),
  };
}

export function thisMinute(): number {
  return Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
}
