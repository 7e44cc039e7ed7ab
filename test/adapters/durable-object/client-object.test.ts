import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SentUsage } from '../../../src/adapters/durable-object/protocol.ts';
import { migratePostgres } from '../../../src/adapters/postgres/migrate.ts';
import { usageOf } from '../../meter/usages.ts';
import { startPostgres, type TestPostgres } from '../../services/postgres.ts';
import type { ClientObject } from './worker.ts';
import { type Objects, type Remote, startObjects } from './workerd.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The alarm goes a few seconds after usage came, and later after failures. */
const SHIPPED = { timeout: 30_000, interval: 200 };

let server: TestPostgres;
let sql: postgres.Sql;
let objects: Objects;
beforeAll(async () => {
  server = await startPostgres();
  await migratePostgres(server.url);
  sql = postgres(server.url, { max: 1, onnotice: () => {} });
  objects = await startObjects({ databaseUrl: server.url });
});
afterAll(async () => {
  await objects?.stop();
  await sql?.end();
  await server?.stop();
});

const thisMinute = () => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;

/** A client, and what one isolate sends its object. */
function newClient(clientId = `client ${randomUUID()}`) {
  const object = objects.object<ClientObject>('CLIENTS', clientId);
  const sender = randomUUID();
  let sequence = 0;
  const sent = (posts: number, some: Partial<SentUsage> = {}): SentUsage => {
    sequence += 1;
    const usage = [usageOf({ clientId, posts, bucketMs: thisMinute() })];
    return { clientId, sender, sequence, usage, windowMs: DAY_MS, ...some };
  };
  return { clientId, object, sent, record: (posts: number) => object.record(sent(posts)) };
}

async function inLedger(clientId: string): Promise<number> {
  const [row] =
    await sql`select coalesce(sum(posts), 0)::int as posts from usage where client_id = ${clientId}`;
  return row!.posts;
}

async function totalOf(object: Remote<ClientObject>, clientId: string) {
  return object.total(clientId, DAY_MS);
}

describe('a client object', () => {
  test('takes usage once, whoever sends it how often, and hands it on to PostgreSQL', async () => {
    const { clientId, object, sent } = newClient();
    const first = sent(5);
    expect(await object.record(first)).toMatchObject({ clientId, posts: 5 });
    expect(await object.record(first)).toMatchObject({ posts: 5 });
    const second = sent(7);
    const answers = await Promise.all([object.record(second), object.record(second), object.record(first)]);
    expect(Math.max(...answers.map(({ posts }) => posts))).toBe(12);
    // Another isolate counts from 1 as well.
    expect(await object.record({ ...first, sender: randomUUID() })).toMatchObject({ posts: 17 });
    await expect.poll(() => inLedger(clientId), SHIPPED).toBe(17);
    await object.record(second);
    await object.evict().catch(() => {});
    await object.record(first);
    expect(await totalOf(object, clientId)).toMatchObject({ posts: 17, isKnown: true });
    expect(await inLedger(clientId)).toBe(17);
  });

  test('adds up usage of one minute and identifier into one row of the ledger', async () => {
    const { clientId, object, sent } = newClient();
    const bucketMs = thisMinute();
    const usage = [1, 2, 3].map((posts) =>
      usageOf({ clientId, posts, bucketMs, ids: Uint32Array.of(posts, 9) }),
    );
    await object.record(
      sent(0, { usage: [...usage, usageOf({ clientId, identifierId: 'other', bucketMs })] }),
    );
    await expect.poll(() => inLedger(clientId), SHIPPED).toBe(7);
    const rows = await sql`
      select identifier_id, posts::int, requests::int from usage where client_id = ${clientId} order by posts`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { identifier_id: 'other', posts: 1, requests: 1 },
      { identifier_id: 'key', posts: 6, requests: 3 },
    ]);
    const [unique] = await sql`select identified::int from unique_buckets where client_id = ${clientId}`;
    expect(unique!.identified).toBe(3);
  });

  test('that is new has the window of the ledger', async () => {
    const { clientId, record } = newClient();
    await record(40);
    await expect.poll(() => inLedger(clientId), SHIPPED).toBe(40);
    // The same client in an object that knows nothing: as where storage was lost.
    const lost = objects.object<ClientObject>('CLIENTS', `another name of ${clientId}`);
    await lost.record({
      ...{ clientId, sender: randomUUID(), sequence: 1, windowMs: DAY_MS },
      usage: [usageOf({ clientId, posts: 2, bucketMs: thisMinute() })],
    });
    await expect.poll(() => totalOf(lost, clientId), SHIPPED).toMatchObject({ posts: 42, isKnown: true });
    await expect.poll(() => inLedger(clientId), SHIPPED).toBe(42);
    await lost.evict().catch(() => {});
    expect(await totalOf(lost, clientId)).toMatchObject({ posts: 42, isKnown: true });
  });

  test('is asked for a total alone and has the window of the ledger', async () => {
    const { clientId, object } = newClient();
    expect(await totalOf(object, clientId)).toMatchObject({ posts: 0, isKnown: false });
    await expect.poll(() => totalOf(object, clientId), SHIPPED).toMatchObject({ isKnown: true });
  });

  test('keeps everything through eviction and SIGKILL', async () => {
    const { clientId, object, record } = newClient();
    await record(3);
    await object.evict().catch(() => {});
    expect(await record(4)).toMatchObject({ posts: 7 });
    await objects.crash();
    expect(await record(5)).toMatchObject({ posts: 12 });
    await expect.poll(() => inLedger(clientId), SHIPPED).toBe(12);
  });

  test('keeps everything while PostgreSQL is away, and hands it on without being asked', async () => {
    const [old, young] = [newClient(), newClient()];
    await old.record(1);
    await expect.poll(() => inLedger(old.clientId), SHIPPED).toBe(1);
    await server.crash();
    for (let at = 0; at < 20; at++) await old.record(10);
    expect(await young.record(6)).toMatchObject({ posts: 6, isKnown: false });
    await expect
      .poll(() => objects.log.filter((line) => line.includes(young.clientId)).length, SHIPPED)
      .toBeGreaterThan(1);
    await objects.crash();
    expect(await totalOf(old.object, old.clientId)).toMatchObject({ posts: 201 });
    await server.revive();
    const away = { ...SHIPPED, timeout: 90_000 };
    await expect.poll(() => inLedger(old.clientId), away).toBe(201);
    await expect.poll(() => inLedger(young.clientId), away).toBe(6);
    expect(await totalOf(young.object, young.clientId)).toMatchObject({ posts: 6, isKnown: true });
    expect(await sql`select * from parkings`).toEqual([]);
  }, 150_000);

  test('offers the ledger again what it has lost', async () => {
    const { clientId, object, record } = newClient();
    for (const posts of [1, 2, 4]) {
      await record(posts);
      await object.alarm();
    }
    expect(await inLedger(clientId)).toBe(7);
    // What a copy that was behind would have: nothing of this client's journal after its first record.
    const journal = (await object.journalId()) as string;
    await sql`delete from batches where journal_id = ${journal} and last_sequence > 1`;
    await sql`update usage set posts = 1, requests = 1 where client_id = ${clientId}`;
    await sql`update journals set last_sequence = 1,
      last_hash = (select hash from batches where journal_id = ${journal}) where id = ${journal}`;
    await object.alarm();
    expect(await inLedger(clientId)).toBe(7);
    expect(objects.log.some((line) => line.includes('offers it again') && line.includes(journal))).toBe(true);
    expect(await sql`select * from parkings where client_id = ${clientId}`).toEqual([]);
  });

  test('holds 1,440 full minutes, and lets go of them as time goes by', async () => {
    const { clientId, object, sent } = newClient();
    const now = thisMinute();
    const minutes = Array.from({ length: 1440 }, (_, at) =>
      usageOf({ clientId, posts: 700, bucketMs: now - at * MINUTE_MS }),
    );
    const total = await object.record(sent(0, { usage: minutes }));
    expect(total.posts).toBeGreaterThanOrEqual(1439 * 700);
    expect((await object.rows()).window_buckets).toBe(1440);
    await object.alarm();
    expect(await inLedger(clientId)).toBe(1440 * 700);
    await object.goAhead(DAY_MS / 2);
    expect((await totalOf(object, clientId)).posts).toBeGreaterThan(718 * 700);
    expect((await totalOf(object, clientId)).posts).toBeLessThanOrEqual(720 * 700);
    await object.alarm();
    expect((await object.rows()).window_buckets).toBeLessThanOrEqual(720);
    expect(await object.rows()).toMatchObject({ journal_records: 1, senders: 1 });
    await object.evict().catch(() => {});
    expect((await totalOf(object, clientId)).posts).toBeLessThanOrEqual(720 * 700);
    await object.goAhead(DAY_MS / 2 + 2 * MINUTE_MS);
    expect(await totalOf(object, clientId)).toMatchObject({ posts: 0 });
    await object.alarm();
    // Nothing is left: neither rows nor an alarm.
    expect(await object.rows()).toMatchObject({
      window_buckets: 0,
      journal_records: 0,
      senders: 0,
      about: 1,
    });
    expect(await object.alarmInMs()).toBeNull();
    expect(await inLedger(clientId)).toBe(1440 * 700);
    await object.goAhead(-DAY_MS - 2 * MINUTE_MS);
    expect((await object.record(sent(5, { sender: randomUUID() }))).isKnown).toBe(false);
    await expect.poll(() => inLedger(clientId), SHIPPED).toBe(1440 * 700 + 5);
  });
});
