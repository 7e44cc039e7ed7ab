import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryWindow } from '../../../src/adapters/memory/window.ts';
import { usageOf } from '../../meter/usages.ts';
import { DAY_MS, MINUTE_MS, type ObjectSite, startSite, thisMinute } from './client.ts';

const IDENTIFIERS = ['one', 'two', 'three'];
const MINUTES = 1440;

let site: ObjectSite;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site?.stop());

describe("a client object's window", () => {
  test('holds 1,440 full minutes of several identifiers, and drops each when it leaves', async () => {
    const { clientId, object, sent, total, evict } = site.client();
    const now = thisMinute();
    await object.setClock(now + 30_000);
    const served = Array.from({ length: MINUTES }, (_, minute) =>
      IDENTIFIERS.map((identifierId) =>
        usageOf({ clientId, identifierId, posts: 700, bucketMs: now - (MINUTES - 1 - minute) * MINUTE_MS }),
      ),
    );
    // An hour at a time. Each is sent twice, the second time as a replay.
    for (let hour = 0; hour < 24; hour++) {
      const usage = served.slice(hour * 60, (hour + 1) * 60).flat();
      const one = sent(0, { usage });
      await object.record(one);
      expect(await object.record(one)).toMatchObject({ posts: (hour + 1) * 60 * 3 * 700 });
    }
    const full = MINUTES * 3 * 700;
    expect(await total()).toMatchObject({ posts: full, oldestMs: now - (MINUTES - 1) * MINUTE_MS });
    await object.ring();
    expect(await object.rows()).toMatchObject({ window_buckets: MINUTES, senders: 1, journal_records: 24 });
    expect(await object.bytes()).toBeLessThan(1_000_000);
    expect(await site.inLedger(clientId)).toBe(full);

    // With each minute that passes, the oldest leaves.
    await object.setClock(now + MINUTE_MS - 1);
    expect(await total()).toMatchObject({ posts: full });
    await object.setClock(now + MINUTE_MS);
    expect(await total()).toMatchObject({ posts: full - 3 * 700 });
    await object.setClock(now + DAY_MS / 2);
    expect(await total()).toMatchObject({ posts: full / 2 });
    await object.ring();
    expect(await object.rows()).toMatchObject({
      window_buckets: MINUTES / 2,
      journal_records: 24,
      senders: 1,
    });
    await evict();
    expect(await total()).toMatchObject({ posts: full / 2 });

    await object.setClock(now + DAY_MS + 2 * MINUTE_MS);
    expect(await total()).toMatchObject({ posts: 0 });
    await object.setClock(now + DAY_MS + 4 * MINUTE_MS);
    await object.ring();
    // Neither tables nor an alarm are left.
    expect(await object.rows()).toEqual({});
    expect(await object.alarmInMs()).toBeNull();
    expect(await site.inLedger(clientId)).toBe(full);
    // A client that returns gets its posts from the ledger.
    await object.setClock(Date.now());
    expect((await object.record(sent(5, { sender: randomUUID() }))).isKnown).toBe(false);
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(full + 5);
    expect((await total()).isKnown).toBe(true);
    expect((await total()).posts).toBeGreaterThan((MINUTES - 5) * 3 * 700);
  });

  /** Offsets of the object's clock and of the usage's bucket, in minutes from now. */
  const CLOCKS: Record<string, ReadonlyArray<readonly [clock: number, bucket: number]>> = {
    "the object's clock is behind the isolate's": [
      [0, 0],
      [-60, 0],
      [-60, 1],
      [-59, -61],
    ],
    "the object's clock is ahead of the isolate's": [
      [0, 0],
      [60, 0],
      [61, 1],
      [120, 60],
    ],
    'usage of an earlier minute': [
      [0, 0],
      [0, -1],
      [0, -90],
      [1, 0],
      [1, -1439],
    ],
    'usage older than the window': [
      [0, 0],
      [0, -1440],
      [0, -1441],
      [0, -3000],
    ],
    'the clock steps back, then forward': [
      [0, 0],
      [10, 10],
      [-30, -30],
      [5, 5],
      [1441, 1441],
    ],
    'the clock was a day ahead and is corrected': [
      [0, 0],
      [1440, 1440],
      [0, 0],
      [1, 1],
    ],
    'the clock was days ahead and is corrected': [
      [0, 0],
      [4500, 4500],
      [0, 0],
      [0, -3],
      [1, 1],
    ],
    'the clock was days behind and is corrected': [
      [-4500, -4500],
      [0, 0],
      [0, -3],
      [1, 1],
    ],
  };
  test.for(Object.entries(CLOCKS))('has the same total as on Node: %s', async ([_name, steps]) => {
    // One keeps its memory, one restarts after each usage, and one flushes its window after each.
    const [kept, evicted, flushed] = [site.client(), site.client(), site.client()];
    const clients = [kept, evicted, flushed];
    const start = thisMinute() - 20 * MINUTE_MS;
    const node = memoryWindow();
    await node.endRebuild((await node.beginRebuild(start))!, new Map());
    let posts = 1;
    for (const [at, [clock, bucket]] of steps.entries()) {
      const [nowMs, bucketMs] = [start + clock * MINUTE_MS + 7_000, start + bucket * MINUTE_MS];
      posts *= 2;
      for (const { clientId, object, sent } of clients) {
        await object.setClock(nowMs);
        const adds = [{ clientId, windowMs: DAY_MS, posts: [{ bucketMs, posts }] }];
        const [expected] = await node.add(clientId, at + 1, adds, nowMs);
        const answer = await object.record(sent(0, { usage: [usageOf({ clientId, posts, bucketMs })] }));
        expect(answer).toMatchObject({ ...expected });
      }
      await evicted.evict();
      await flushed.object.ring();
    }
    for (const { clientId, object, total, evict } of clients) {
      // The storage has the same state as the memory.
      const before = await total();
      await evict();
      expect({ ...(await total()), isKnown: null }).toEqual({ ...before, isKnown: null });
      // All usage reaches the ledger, regardless of the clocks.
      await object.ring();
      expect(await site.inLedger(clientId)).toBe(2 * posts - 2);
    }
  });
});
