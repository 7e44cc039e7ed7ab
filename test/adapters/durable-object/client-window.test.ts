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
  test('holds 1,440 full minutes of several identifiers, and lets go of them as time goes by', async () => {
    const { clientId, object, sent, total, evict } = site.client();
    const now = thisMinute();
    await object.setClock(now + 30_000);
    const served = Array.from({ length: MINUTES }, (_, minute) =>
      IDENTIFIERS.map((identifierId) =>
        usageOf({ clientId, identifierId, posts: 700, bucketMs: now - (MINUTES - 1 - minute) * MINUTE_MS }),
      ),
    );
    // An hour at a time, each minute twice, the second time as a replay.
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

    // Each minute that passes takes the oldest with it.
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
    // Nothing is left: neither tables nor an alarm.
    expect(await object.rows()).toEqual({});
    expect(await object.alarmInMs()).toBeNull();
    expect(await site.inLedger(clientId)).toBe(full);
    // And the client that comes back has all that the ledger knows of it.
    await object.setClock(Date.now());
    expect((await object.record(sent(5, { sender: randomUUID() }))).isKnown).toBe(false);
    await object.ring();
    expect(await site.inLedger(clientId)).toBe(full + 5);
    expect((await total()).isKnown).toBe(true);
    expect((await total()).posts).toBeGreaterThan((MINUTES - 5) * 3 * 700);
  });

  /** Minutes from now by which the object's clock and the usage's bucket are off. */
  const CLOCKS: Record<string, ReadonlyArray<readonly [clock: number, bucket: number]>> = {
    "the object's is behind the sender's": [
      [0, 0],
      [-60, 0],
      [-60, 1],
      [-59, -61],
    ],
    "the object's is ahead of the sender's": [
      [0, 0],
      [60, 0],
      [61, 1],
      [120, 60],
    ],
    'usage of a minute that is over': [
      [0, 0],
      [0, -1],
      [0, -90],
      [1, 0],
      [1, -1439],
    ],
    'usage that is older than the window': [
      [0, 0],
      [0, -1440],
      [0, -1441],
      [0, -3000],
    ],
    'it goes back, and on again': [
      [0, 0],
      [10, 10],
      [-30, -30],
      [5, 5],
      [1441, 1441],
    ],
    'it was a day ahead, and is put right': [
      [0, 0],
      [1440, 1440],
      [0, 0],
      [1, 1],
    ],
    'it was days ahead, and is put right': [
      [0, 0],
      [4500, 4500],
      [0, 0],
      [0, -3],
      [1, 1],
    ],
    'it was days behind, and is put right': [
      [-4500, -4500],
      [0, 0],
      [0, -3],
      [1, 1],
    ],
  };
  test.for(Object.entries(CLOCKS))('is as on Node where of the clocks: %s', async ([_name, steps]) => {
    // One keeps its memory, one starts again after each usage, and one writes its window after each.
    const [kept, evicted, settled] = [site.client(), site.client(), site.client()];
    const clients = [kept, evicted, settled];
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
      await settled.object.ring();
    }
    for (const { clientId, object, total, evict } of clients) {
      // What the object has in storage is what it had in memory.
      const before = await total();
      await evict();
      expect({ ...(await total()), isKnown: null }).toEqual({ ...before, isKnown: null });
      // Whatever the clocks said, all of it was served.
      await object.ring();
      expect(await site.inLedger(clientId)).toBe(2 * posts - 2);
    }
  });
});
