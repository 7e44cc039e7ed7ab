import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIRECTORY_OBJECT } from '../../../src/adapters/durable-object/bindings.ts';
import { usageOf } from '../../meter/usages.ts';
import { COUNTED_UNDER, DAY_MS, type ObjectSite, SHIPPED, startSite, thisMinute } from './client.ts';
import type { DirectoryObject, MeteredObject } from './worker.ts';

let site: ObjectSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

/** Changes rows of the ledger that only a superuser can change. */
async function tampering(change: (sql: postgres.TransactionSql) => Promise<unknown>): Promise<void> {
  await site.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await change(sql);
  });
}

async function holdsOf(clientId: string): Promise<unknown[]> {
  const holds = await site.sql`select code from billing_holds where client_id = ${clientId}`;
  return holds.map(({ code }) => code);
}

describe("a client object's alarm", () => {
  test('ships usage within seconds, without another call', async () => {
    const { clientId, object, record } = site.client();
    await record(2);
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(2);
    await record(3);
    const firstMs = (await object.alarmInMs())!;
    expect(firstMs).toBeLessThanOrEqual(5_000);
    await record(4);
    expect((await object.alarmInMs())!).toBeLessThanOrEqual(firstMs);
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(9);
  });

  test.for([['killed'], ['ended']])(
    'fires after the runtime was %s and restarted, without a call',
    async ([how]) => {
      const { clientId, record } = site.client();
      await record(8);
      await (how === 'killed' ? site.objects.crash() : site.objects.restart());
      await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(8);
    },
  );

  test('retries while the configuration is invalid', async () => {
    const { clientId, object, record } = site.client();
    await record(3);
    await site.objects.restart({ bucketSeconds: 'many' });
    const complaints = () =>
      site.objects.log.filter((line) => line.includes('bucketSeconds') && line.includes('cannot be shipped'));
    // Retries of the alarm itself, not of the runtime after an error.
    await expect.poll(() => complaints().some((line) => line.includes('"failures":2')), SHIPPED).toBe(true);
    expect((await object.alarmInMs())!).toBeGreaterThan(0);
    await site.objects.restart();
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(3);
  });

  test('is set again by the directory object after the runtime has given it up', async () => {
    const { clientId, object, record } = site.client();
    await record(1);
    await object.ring();
    await object.ringAgain();
    await record(2);
    await object.loseAlarm();
    expect(await object.alarmInMs()).toBeNull();
    await site.objects.object<DirectoryObject>('DIRECTORY', DIRECTORY_OBJECT).ring();
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(3);
  });

  test('is found if it was lost before it failed, because an isolate has reported the client', async () => {
    const { clientId, object, record } = site.client();
    await record(1);
    await object.ring();
    await record(2);
    await object.loseAlarm();
    const directory = site.objects.object<DirectoryObject>('DIRECTORY', DIRECTORY_OBJECT);
    const objectId = await object.ownId();
    await directory.lookAfter([objectId], 900_000);
    await directory.ring();
    expect(await object.alarmInMs()).toBeNull();
    // Another isolate reports the client later, so the last check covers the usage of both.
    await directory.setClock(Date.now() + 600_000);
    await directory.lookAfter([objectId], 900_000);
    await directory.setClock(Date.now() + 900_000);
    await directory.ring();
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(3);
    expect(await directory.checks(objectId)).toBe(true);
    await directory.setClock(Date.now() + 1_500_000);
    await directory.ring();
    expect(await directory.checks(objectId)).toBe(false);
    await directory.setClock(Date.now());
  });

  test('fires for each of many clients that arrive at once', async () => {
    const clients = Array.from({ length: 300 }, () => site.client());
    await Promise.all(clients.map((client) => client.record(1)));
    const arrived = async () => {
      const ids = clients.map(({ clientId }) => clientId);
      const [row] = await site.sql`select sum(posts)::int as posts from usage where client_id = any(${ids})`;
      return row!.posts;
    };
    await expect.poll(arrived, SHIPPED).toBe(clients.length);
  }, 60_000);

  test('fires less often while the client is idle, down to once an hour', async () => {
    const { object, record } = site.client();
    await object.setClock(Date.now());
    await record(1);
    await object.ring();
    expect((await object.alarmInMs())!).toBeLessThanOrEqual(60_000);
    await object.setClock(Date.now() + 1_800_000);
    await object.ring();
    const halfAnHourLater = (await object.alarmInMs())!;
    expect(halfAnHourLater).toBeGreaterThan(1_500_000);
    expect(halfAnHourLater).toBeLessThanOrEqual(1_800_000);
    await object.setClock(Date.now() + 36_000_000);
    await object.ring();
    expect((await object.alarmInMs())!).toBeGreaterThan(3_500_000);
    expect((await object.alarmInMs())!).toBeLessThanOrEqual(3_600_000);
  });

  test('backs off while the ledger is unreachable, even if usage arrives in the meantime', async () => {
    const { clientId, object, record } = site.client();
    await record(1);
    await object.ring();
    await site.server.crash();
    for (let failures = 1; failures <= 4; failures++) {
      // This call fails if the alarm throws.
      await object.ring();
      const fullMs = Math.min(60_000, 1_000 * 2 ** (failures - 1));
      const inMs = (await object.alarmInMs())!;
      expect(inMs).toBeLessThanOrEqual(fullMs);
      expect(inMs).toBeGreaterThan(Math.max(1_000, fullMs / 2) - 1_000);
      await record(1);
      expect((await object.alarmInMs())!).toBeLessThanOrEqual(inMs);
      expect((await object.alarmInMs())!).toBeGreaterThan(inMs - 1_000);
    }
    await site.server.revive();
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(5);
    expect((await object.alarmInMs())!).toBeLessThanOrEqual(60_000);
  }, 120_000);

  test('ships everything after PostgreSQL was unreachable, without a call', async () => {
    const [old, young] = [site.client(), site.client()];
    await old.record(1);
    await expect.poll(() => site.inLedger(old.clientId), SHIPPED).toBe(1);
    await site.server.crash();
    for (let at = 0; at < 20; at++) await old.record(10);
    expect(await young.record(6)).toMatchObject({ posts: 6, isKnown: false });
    const complaints = () => site.objects.log.filter((line) => line.includes(young.clientId)).length;
    await expect.poll(complaints, SHIPPED).toBeGreaterThan(1);
    await site.objects.crash();
    expect(await old.total()).toMatchObject({ posts: 201 });
    await site.server.revive();
    const afterOutage = { ...SHIPPED, timeout: 90_000 };
    await expect.poll(() => site.inLedger(old.clientId), afterOutage).toBe(201);
    await expect.poll(() => site.inLedger(young.clientId), afterOutage).toBe(6);
    expect(await young.total()).toMatchObject({ posts: 6, isKnown: true });
    expect(await site.sql`select * from billing_holds`).toEqual([]);
  }, 150_000);

  test('ships records again that the ledger has lost', async () => {
    const { clientId, object, record } = site.client();
    for (const posts of [1, 2, 4]) {
      await record(posts);
      await object.ring();
    }
    expect(await site.inLedger(clientId)).toBe(7);
    // The state of a replica that lagged: only the first record of this client's journal.
    const journal = (await object.journalId()) as string;
    await tampering(async (sql) => {
      await sql`delete from batches where journal_id = ${journal} and last_sequence > 1`;
      await sql`update usage set posts = 1, requests = 1 where client_id = ${clientId}`;
      await sql`update journals set last_sequence = 1,
        last_hash = (select hash from batches where journal_id = ${journal}) where id = ${journal}`;
    });
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(7);
    const complaint = (line: string) => line.includes('ships them again') && line.includes(journal);
    expect(site.objects.log.some(complaint)).toBe(true);
    expect(await holdsOf(clientId)).toEqual([]);
  });

  test('compares journal and ledger after an outage, and puts the client on hold if they differ', async () => {
    const { clientId, object, record } = site.client();
    for (let at = 0; at < 3; at++) {
      await record(1);
      await object.ring();
    }
    const journal = (await object.journalId()) as string;
    await tampering((sql) => sql`delete from batches where journal_id = ${journal} and last_sequence = 2`);
    await object.ring();
    expect(await holdsOf(clientId)).toEqual([]);
    await site.server.crash();
    await object.ring();
    await site.server.revive();
    await object.ring();
    expect(await holdsOf(clientId)).toEqual(['batches_missing']);
  }, 120_000);

  test('compares many batches in several runs', async () => {
    const clientId = randomUUID();
    const object = site.objects.object<MeteredObject>('METERED', clientId);
    const usage = [usageOf({ clientId, bucketMs: thisMinute() })];
    const first = {
      clientId,
      sender: 'isolate',
      sequence: 1,
      usage,
      windowMs: DAY_MS,
      configuration: COUNTED_UNDER,
    };
    await object.shipEach(first, 50);
    const journal = await object.journalId();
    await tampering((sql) => sql`delete from batches where journal_id = ${journal} and last_sequence = 45`);
    expect(await object.compare()).toBe(true);
    expect(await holdsOf(clientId)).toEqual([]);
    expect(await object.compare()).toBe(false);
    expect(await holdsOf(clientId)).toEqual(['batches_missing']);
  }, 120_000);

  test('deletes many records in several runs', async () => {
    const { object, record } = site.client();
    await record(1);
    await object.ring();
    await object.addRecords(30_000).catch(() => {});
    await object.ring();
    expect((await object.alarmInMs())!).toBeGreaterThan(5_000);
    await object.setClock(Date.now() + DAY_MS + 120_000);
    await object.ring();
    expect((await object.rows()).journal_records).toBe(10_001);
    expect((await object.alarmInMs())!).toBeLessThanOrEqual(5_000);
    await object.ring();
    expect(await object.rows()).toEqual({});
    expect(await object.alarmInMs()).toBeNull();
  });
});
