import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerObjectOf } from '../../../src/adapters/durable-object/bindings.ts';
import type { LedgerObjectMethods } from '../../../src/adapters/edge/protocol.ts';
import { usageOf } from '../../meter/usages.ts';
import { COUNTED_UNDER, DAY_MS, type ObjectSite, SHIPPED, startSite, thisMinute } from './client.ts';
import type { ClientObject } from './worker.ts';

let site: ObjectSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

describe('a client object', () => {
  test('takes usage once, even if it is sent again, and ships it to PostgreSQL', async () => {
    const { clientId, object, sent, total, evict } = site.client();
    const first = sent(5);
    expect(await object.record(first)).toMatchObject({ clientId, posts: 5 });
    expect(await object.record(first)).toMatchObject({ posts: 5 });
    const second = sent(7);
    const answers = await Promise.all([object.record(second), object.record(second), object.record(first)]);
    expect(Math.max(...answers.map(({ posts }) => posts))).toBe(12);
    // Another producer starts at 1, too.
    expect(await object.record({ ...first, sender: randomUUID() })).toMatchObject({ posts: 17 });
    await object.ring();
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(17);
    await object.record(second);
    await evict();
    await object.record(first);
    expect(await total()).toMatchObject({ posts: 17, isKnown: true });
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(17);
  });

  test('states an epoch when the policy changes, and none for an isolate that knows an older policy', async () => {
    const { clientId, object, sent, evict } = site.client();
    const under = (policyVersion: number, rightsSequence: number) =>
      sent(1, { decidedUnder: { policyVersion, rightsSequence } });
    await object.record(sent(1));
    await object.record(under(1, 3));
    await object.record(under(1, 4));
    await evict();
    await object.record(under(1, 4));
    await object.record(under(2, 4));
    await object.record(under(1, 4));
    await object.ring();
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(6);
    const rows = await site.sql`
      select sequence::int, policy_version, rights_sequence::int from journal_epochs
      where journal_id in (select journal_id from batches where content like ${`%${clientId}%`}) order by sequence`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { sequence: 2, policy_version: 1, rights_sequence: 3 },
      { sequence: 5, policy_version: 2, rights_sequence: 4 },
    ]);
  });

  test('ignores usage that arrives after a later sequence of the same producer', async () => {
    const { clientId, object, sent } = site.client();
    const [first, second, third] = [sent(1), sent(2), sent(4)];
    await object.record(first);
    expect(await object.record(third)).toMatchObject({ posts: 5 });
    expect(await object.record(second)).toMatchObject({ posts: 5 });
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(5);
  });

  test('adds up the usage of one identifier and minute to one row of the ledger', async () => {
    const { clientId, object, sent } = site.client();
    const bucketMs = thisMinute();
    const usage = [1, 2, 3].map((posts) =>
      usageOf({ clientId, posts, bucketMs, ids: Uint32Array.of(posts, 9) }),
    );
    await object.record(
      sent(0, { usage: [...usage, usageOf({ clientId, identifierId: 'other', bucketMs })] }),
    );
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(7);
    const rows = await site.sql`
      select identifier_id, posts::int, requests::int from usage where client_id = ${clientId} order by posts`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { identifier_id: 'other', posts: 1, requests: 1 },
      { identifier_id: 'key', posts: 6, requests: 3 },
    ]);
    const days = await site.sql`
      select identified::int, posts::int from unique_days where client_id = ${clientId}`;
    expect(days.map((row) => ({ ...row }))).toEqual([{ identified: 3, posts: 3 }]);
  });

  test('fills a new window from the ledger', async () => {
    const { clientId, record } = site.client();
    await record(40);
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(40);
    // The same client in an object without state, as after a loss of storage.
    const lost = site.objects.object<ClientObject>('CLIENTS', `another name of ${clientId}`);
    await lost.record({
      ...{ clientId, sender: randomUUID(), sequence: 1, windowMs: DAY_MS, configuration: COUNTED_UNDER },
      usage: [usageOf({ clientId, posts: 2, bucketMs: thisMinute() })],
    });
    const totalOfLost = () => lost.total(clientId, DAY_MS);
    await expect.poll(totalOfLost, SHIPPED).toMatchObject({ posts: 42, isKnown: true });
    await expect.poll(() => site.inLedger(clientId), SHIPPED).toBe(42);
    await lost.evict().catch(() => {});
    expect(await totalOfLost()).toMatchObject({ posts: 42, isKnown: true });
  });

  test('fills its window from the ledger when only the total is requested', async () => {
    const { total } = site.client();
    expect(await total()).toMatchObject({ posts: 0, isKnown: false });
    await expect.poll(total, SHIPPED).toMatchObject({ posts: 0, isKnown: true });
  });

  test('keeps total, producers and journal through an eviction', async () => {
    const { clientId, object, sent, record, total, evict } = site.client();
    const last = sent(3);
    await object.record(last);
    const [journalId, before] = [await object.journalId(), await total()];
    await evict();
    expect(await object.record(last)).toMatchObject({ posts: 3 });
    const after = await total();
    expect({ ...after, isKnown: null, asOfMs: null }).toEqual({ ...before, isKnown: null, asOfMs: null });
    expect(await object.journalId()).toBe(journalId);
    expect(await record(4)).toMatchObject({ posts: 7 });
    await object.ring();
    const shipped = await site.sql`
      select first_sequence::int as first, last_sequence::int as last from batches
      where journal_id = ${journalId as string} order by 1`;
    expect(shipped.at(-1)!.last).toBe(2);
    expect(await site.inLedger(clientId)).toBe(7);
  });

  test('ships a batch again if its confirmation was lost, and the ledger counts it once', async () => {
    const { clientId, object, record, evict } = site.client();
    await record(6);
    await object.ring();
    await object.forgetConfirmations();
    await evict();
    await record(1);
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(7);
    const ledger = site.objects.object<LedgerObjectMethods>('LEDGER', ledgerObjectOf(clientId));
    const usage = [usageOf({ clientId, posts: 2, bucketMs: thisMinute() })];
    const batch = {
      journalId: (await object.journalId()) as string,
      firstSequence: 3,
      lastSequence: 3,
      usage,
    };
    expect(await Promise.all([ledger.take(batch), ledger.take(batch)])).toEqual([3, 3]);
    expect(await site.inLedger(clientId)).toBe(9);
    expect(await site.sql`select * from billing_holds where client_id = ${clientId}`).toEqual([]);
  });

  test('keeps everything if the runtime is killed', async () => {
    const { clientId, object, record } = site.client();
    await record(3);
    await site.objects.crash();
    expect(await record(5)).toMatchObject({ posts: 8 });
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(8);
  });

  test('keeps everything through a restart of the runtime', async () => {
    const { clientId, object, sent, total } = site.client();
    const first = sent(3);
    await object.record(first);
    await site.objects.restart();
    expect(await total()).toMatchObject({ posts: 3 });
    expect(await object.record(first)).toMatchObject({ posts: 3 });
    expect(await object.record(sent(5))).toMatchObject({ posts: 8 });
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(8);
  });
});
