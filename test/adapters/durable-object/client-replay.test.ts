/** Objects that end between taking usage and flushing it. The journal has what window and producers lack. */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryWindow } from '../../../src/adapters/memory/window.ts';
import type { Total } from '../../../src/meter/port.ts';
import { usageOf } from '../../meter/usages.ts';
import { DAY_MS, MINUTE_MS, type ObjectClient, type ObjectSite, startSite, thisMinute } from './client.ts';
import { fromWire, toWire } from './wire.ts';
import type { MeteredObject } from './worker.ts';

let site: ObjectSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

/** Its first alarm has run, and no other runs during the test. */
async function flushedClient(): Promise<ObjectClient> {
  const client = site.client();
  await client.record(1);
  await client.object.ring();
  await client.object.loseAlarm();
  return client;
}

/** The rows that the next start of the object reads. */
const unwritten = { window_buckets: 1, senders: 1, journal_records: 4 };

describe('a client object that ends before its alarm', () => {
  const ENDS: ReadonlyArray<readonly [string, (client: ObjectClient) => Promise<void>]> = [
    ['evicted', ({ evict }) => evict()],
    ['killed with its runtime', () => site.objects.crash()],
    ['ended with its runtime', () => site.objects.restart()],
  ];
  test.for(ENDS)('%s, keeps its window and takes nothing twice', async ([_how, end]) => {
    const client = await flushedClient();
    const { clientId, object, sent, total } = client;
    const before = thisMinute() - 3 * MINUTE_MS;
    const mine = sent(5);
    const late = sent(0, { usage: [usageOf({ clientId, posts: 7, bucketMs: before })] });
    const another = { ...sent(11), sender: randomUUID(), sequence: 9 };
    for (const usage of [mine, late, another]) await object.record(usage);
    expect(await object.rows()).toMatchObject(unwritten);
    await end(client);
    expect(await object.rows()).toMatchObject(unwritten);
    expect(await total()).toMatchObject({ posts: 24, oldestMs: before, isKnown: true });
    for (const again of [mine, late, another, { ...another, sequence: 8 }]) {
      expect(await object.record(again)).toMatchObject({ posts: 24 });
    }
    expect(await object.record({ ...another, sequence: 10 })).toMatchObject({ posts: 35 });
    await object.ring();
    expect(await object.rows()).toMatchObject({ senders: 2, journal_records: 5 });
    await end(client);
    expect(await object.record({ ...another, sequence: 10 })).toMatchObject({ posts: 35 });
    expect(await site.inLedger(clientId)).toBe(35);
  });

  test('keeps its posts if the window becomes longer', async () => {
    const { clientId, object, sent, evict } = await flushedClient();
    const bucketMs = thisMinute() - 3 * 60 * MINUTE_MS;
    const short = { windowMs: 4 * 60 * MINUTE_MS };
    await object.record(sent(0, { ...short, usage: [usageOf({ clientId, posts: 3, bucketMs })] }));
    await object.record(sent(4, short));
    expect(await object.total(clientId, DAY_MS)).toMatchObject({ posts: 8, oldestMs: bucketMs });
    await evict();
    expect(await object.total(clientId, DAY_MS)).toMatchObject({ posts: 8, oldestMs: bucketMs });
  });

  test('adds moved posts once', async () => {
    const { clientId, object, sent, total, evict } = await flushedClient();
    await object.record(sent(5));
    await object.correct(3, [{ bucketMs: thisMinute(), posts: 100 }]);
    await object.record(sent(7));
    await evict();
    await object.correct(3, [{ bucketMs: thisMinute(), posts: 100 }]);
    expect(await total()).toMatchObject({ clientId, posts: 113 });
  });

  test('keeps the content of records that are evicted for room', async () => {
    const { clientId, sent } = site.client();
    const object = site.objects.object<MeteredObject>('METERED', clientId);
    const ids = Uint32Array.from({ length: 100_000 }, (_, at) => at);
    const first = sent(0, { usage: [usageOf({ clientId, posts: 5, bucketMs: thisMinute(), ids })] });
    await object.shipEach(first, 3);
    await site.objects.restart({ journal: { maxBytes: 1_000_000 } });
    const next = { ...sent(7), sequence: 4 };
    await object.take(next);
    await site.objects.restart();
    expect(await object.total(clientId, DAY_MS)).toMatchObject({ posts: 22 });
    for (const again of [first, next]) {
      expect(await object.take(again)).toMatchObject({ rowsWritten: 0 });
    }
    expect(await object.total(clientId, DAY_MS)).toMatchObject({ posts: 22 });
    expect(await site.inLedger(clientId)).toBe(15);
  });

  test('takes nothing of usage that does not fit into its storage', async () => {
    const { clientId, sent } = site.client();
    const object = site.objects.object<MeteredObject>('METERED', clientId);
    await object.take(sent(5));
    const second = sent(7);
    await site.objects.restart({ journal: { maxBytes: 1 } });
    await expect(object.take(second)).rejects.toThrow(/journal/);
    expect(await object.total(clientId, DAY_MS)).toMatchObject({ posts: 5 });
    await site.objects.restart();
    await object.take(second);
    expect(await object.total(clientId, DAY_MS)).toMatchObject({ posts: 12 });
  });

  test('has the total of a window in memory, regardless of clocks and restarts', async () => {
    const step = fc.record({
      clock: fc.integer({ min: -3000, max: 3000 }),
      age: fc.integer({ min: -2, max: 1500 }),
      after: fc.constantFrom('evict', 'flush', 'repeat', 'nothing'),
    });
    const start = thisMinute();
    // A bucket leaves the window while the clock is ahead, and the clock steps back.
    const LEFT_WHILE_AHEAD = [
      { clock: 0, age: 278, after: 'evict' },
      { clock: 1162, age: 1, after: 'evict' },
      { clock: 0, age: 0, after: 'flush' },
      { clock: 0, age: 0, after: 'evict' },
      { clock: 0, age: 0, after: 'nothing' },
    ];
    // The window is dropped between an alarm and an eviction: the replay starts before the drop.
    const DROPPED_BEFORE_EVICTION = [
      { clock: 0, age: 0, after: 'flush' },
      { clock: 0, age: 1, after: 'nothing' },
      { clock: -1441, age: 0, after: 'evict' },
      { clock: 0, age: 0, after: 'evict' },
      { clock: 0, age: 0, after: 'nothing' },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const { clientId, object, sent, evict } = site.client();
        const node = memoryWindow();
        await node.endRebuild((await node.beginRebuild(start))!, new Map());
        for (const [at, { clock, age, after }] of steps.entries()) {
          const nowMs = start + clock * MINUTE_MS;
          const posts = [{ bucketMs: nowMs - age * MINUTE_MS, posts: 10 ** at }];
          await object.setClock(nowMs);
          const [total] = await node.add('journal', at + 1, [{ clientId, windowMs: DAY_MS, posts }], nowMs);
          const expected = fromWire<Total>(toWire(total));
          const one = sent(0, { usage: posts.map((of) => usageOf({ clientId, ...of })) });
          expect(await object.record(one)).toMatchObject(expected);
          if (after === 'evict') await evict();
          if (after === 'flush') await object.ring();
          if (after === 'repeat') expect(await object.record(one)).toMatchObject(expected);
        }
      }),
      { numRuns: 25, examples: [[LEFT_WHILE_AHEAD], [DROPPED_BEFORE_EVICTION]] },
    );
  });
});
