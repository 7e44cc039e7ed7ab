import { describe, expect, it } from 'vitest';
import type { Total, WindowStore } from '../../../src/meter/port.ts';
import { TotalsCache } from '../../../src/meter/totals/totals-cache.ts';
import { SimulatedTiming } from '../simulated-timing.ts';
import { usageOf } from '../usages.ts';

const MINUTE_MS = 60_000;
const WINDOW_MS = 10 * MINUTE_MS;
const startMs = Date.UTC(2026, 2, 1);

/** A store whose results the test sets. It counts the queries. */
function rig(answers: Record<string, Omit<Total, 'clientId' | 'asOfMs'>> = {}) {
  const timing = new SimulatedTiming(startMs);
  const asked: string[][] = [];
  let tell: (totals: readonly Total[]) => void = () => {};
  let missed = () => {};
  let isSilent = false;
  const window: Pick<WindowStore, 'totals' | 'watch'> = {
    totals: async (clients, nowMs) => {
      if (isSilent) await new Promise(() => {});
      asked.push(clients.map((client) => client.clientId));
      const asOfMs = nowMs - (nowMs % MINUTE_MS);
      return clients.map(({ clientId }) => ({ posts: 0, ...answers[clientId], clientId, asOfMs }));
    },
    watch: async (listener, whenMissed) => {
      tell = listener;
      missed = whenMissed ?? missed;
      return async () => {};
    },
  };
  const board = new TotalsCache({ window, windowMsOf: () => WINDOW_MS, timing, maxClients: 3 });
  board.start();
  const posts = (clientId: string) => board.total(clientId, timing.nowMs()).posts;
  return {
    timing,
    board,
    asked,
    answers,
    posts,
    tell: (totals: Total[]) => tell(totals),
    miss: () => missed(),
    silence: () => {
      isSilent = true;
    },
  };
}

describe('the totals board', () => {
  it('queries an unknown client once, after its first request', async () => {
    const { timing, asked, posts } = rig({ a: { posts: 70, oldestMs: startMs } });
    await timing.advance(0);
    expect(posts('a')).toBe(0);
    await timing.advance(1_000);
    expect(posts('a')).toBe(70);
    expect(asked).toEqual([['a']]);
  });

  it('adds own posts at once', async () => {
    const { timing, board, posts } = rig({ a: { posts: 70, oldestMs: startMs } });
    posts('a');
    await timing.advance(1_000);
    board.bump([usageOf({ clientId: 'a', posts: 5, bucketMs: startMs })]);
    expect(posts('a')).toBe(75);
    const adds = [{ clientId: 'a', windowMs: WINDOW_MS, posts: [{ bucketMs: startMs, posts: 5 }] }];
    board.shipping(adds);
    board.shipped(adds, [{ clientId: 'a', posts: 78, oldestMs: startMs, asOfMs: startMs }]);
    expect(posts('a')).toBe(78);
  });

  it('receives the totals of other processes, and uses the larger of two totals for one bucket', async () => {
    const { timing, posts, tell } = rig({ a: { posts: 70, oldestMs: startMs } });
    posts('a');
    await timing.advance(1_000);
    tell([{ clientId: 'a', posts: 90, oldestMs: startMs, asOfMs: startMs }]);
    tell([{ clientId: 'a', posts: 80, oldestMs: startMs, asOfMs: startMs }]);
    expect(posts('a')).toBe(90);
  });

  it('queries the store if another process reports another bucket, because the report may lack our posts', async () => {
    const { timing, answers, asked, posts, tell } = rig({ a: { posts: 70, oldestMs: startMs } });
    posts('a');
    await timing.advance(MINUTE_MS);
    for (const asOfMs of [startMs - MINUTE_MS, startMs + 2 * MINUTE_MS]) {
      const questions = asked.length;
      answers.a = { posts: answers.a!.posts + 10, oldestMs: startMs };
      tell([{ clientId: 'a', posts: 5, oldestMs: startMs, asOfMs }]);
      await timing.advance(1_000);
      expect(posts('a')).toBe(answers.a.posts);
      expect(asked).toHaveLength(questions + 1);
    }
  });

  it('loses no report of another process that arrives during an own add', async () => {
    const { timing, board, answers, posts, tell } = rig({ a: { posts: 70, oldestMs: startMs } });
    posts('a');
    await timing.advance(1_000);
    board.bump([usageOf({ clientId: 'a', posts: 5, bucketMs: startMs })]);
    const adds = [{ clientId: 'a', windowMs: WINDOW_MS, posts: [{ bucketMs: startMs, posts: 5 }] }];
    board.shipping(adds);
    answers.a = { posts: 92, oldestMs: startMs };
    tell([{ clientId: 'a', posts: 92, oldestMs: startMs, asOfMs: startMs }]);
    board.shipped(adds, [{ clientId: 'a', posts: 75, oldestMs: startMs, asOfMs: startMs }]);
    await timing.advance(1_000);
    expect(posts('a')).toBe(92);
  });

  it('does not count own posts twice while they are being shipped', async () => {
    const { timing, board, posts, tell } = rig({ a: { posts: 70, oldestMs: startMs } });
    posts('a');
    await timing.advance(1_000);
    board.bump([usageOf({ clientId: 'a', posts: 5, bucketMs: startMs })]);
    const adds = [{ clientId: 'a', windowMs: WINDOW_MS, posts: [{ bucketMs: startMs, posts: 5 }] }];
    board.shipping(adds);
    tell([{ clientId: 'a', posts: 76, oldestMs: startMs, asOfMs: startMs }]);
    expect(posts('a')).toBe(75);
    board.shipped(adds, [{ clientId: 'a', posts: 75, oldestMs: startMs, asOfMs: startMs }]);
    expect(posts('a')).toBe(75);
  });

  it('notices within a second that the oldest bucket has expired, without a request', async () => {
    const { timing, answers, asked, posts } = rig({ a: { posts: 70, oldestMs: startMs } });
    posts('a');
    await timing.advance(5 * MINUTE_MS);
    posts('a');
    await timing.advance(5 * MINUTE_MS - 1);
    answers.a = { posts: 30, oldestMs: startMs + 3 * MINUTE_MS };
    expect(posts('a')).toBe(70);
    expect(asked).toHaveLength(1);
    await timing.advance(1_000);
    expect(posts('a')).toBe(30);
    expect(asked).toHaveLength(2);
  });

  it('forgets a client without requests since its oldest bucket began to expire', async () => {
    const { timing, board, posts } = rig({ a: { posts: 70, oldestMs: startMs } });
    posts('a');
    await timing.advance(10 * MINUTE_MS - 1);
    expect(board.size).toBe(1);
    await timing.advance(1_000);
    expect(board.size).toBe(0);
  });

  it('queries recently seen clients again when messages may have been missed', async () => {
    const { timing, asked, posts, miss } = rig();
    posts('a');
    await timing.advance(1_000);
    miss();
    await timing.advance(1_000);
    expect(asked).toEqual([['a'], ['a']]);
  });

  it('holds at most the configured number of clients', async () => {
    const { timing, board, asked, posts } = rig();
    for (const client of ['a', 'b', 'c', 'd', 'e']) posts(client);
    expect(board.size).toBe(3);
    await timing.advance(1_000);
    expect(asked).toEqual([['c', 'd', 'e']]);
  });

  it('estimates while the store is unreachable: known posts expire evenly, and own posts are added', async () => {
    const { timing, board, posts } = rig({ a: { posts: 1000, oldestMs: startMs } });
    posts('a');
    await timing.advance(1_000);
    board.degraded = true;
    await timing.advance(2.5 * MINUTE_MS - 1_000);
    board.bump([usageOf({ clientId: 'a', posts: 50, bucketMs: startMs })]);
    expect(posts('a')).toBe(800);
    board.degraded = false;
    expect(posts('a')).toBe(1050);
  });
});

describe('the wait of a first request', () => {
  const isOver = async (wait: Promise<void>) =>
    Promise.race([wait.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

  it("ends with the store's reply, and no other request waits", async () => {
    const { timing, board, posts } = rig({ a: { posts: 70, oldestMs: startMs } });
    const wait = board.firstWait('a', startMs);
    expect(board.isKnown('a')).toBe(false);
    expect(board.firstWait('a', startMs)).toBe(wait);
    await timing.advance(0);
    expect(await isOver(wait!)).toBe(true);
    expect([posts('a'), board.isKnown('a'), board.firstWait('a', startMs)]).toEqual([70, true, null]);
  });

  it('ends at its bound if the store does not reply, and the next requests do not wait', async () => {
    const { timing, board, silence } = rig();
    silence();
    const wait = board.firstWait('a', startMs)!;
    await timing.advance(999);
    expect(await isOver(wait)).toBe(false);
    await timing.advance(1);
    expect(await isOver(wait)).toBe(true);
    expect([board.isKnown('a'), board.firstWait('a', startMs)]).toEqual([false, null]);
    expect(board.firstWait('b', startMs)).not.toBeNull();
  });

  it('does not begin while the store is unreachable', () => {
    const { board } = rig();
    board.isUnreachable = true;
    expect(board.firstWait('a', startMs)).toBeNull();
  });
});
