import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SentUsage } from '../../../../src/adapters/edge/protocol.ts';
import { areCallsShort, asInvocation, countCall } from '../../../../src/adapters/worker/invocation.ts';
import { UsageSender } from '../../../../src/adapters/worker/usage/usage-sender.ts';
import { MAX_STREAM_LINGER_MS } from '../../../../src/meter/batching/stream-linger.ts';
import type { Usage } from '../../../../src/meter/usage.ts';
import { usageOf } from '../../../meter/usages.ts';

const HOUR_MS = 3_600_000;
/** The default of `edge.maxCalls`. */
const MAX_CALLS = 1_000;
const PART: Usage = {
  ...{ clientId: 'c', identifierId: 'key', bucketMs: 0, posts: 1 },
  ...{ requests: 0, refused: 0, bytes: 10, uncounted: 0 },
};

/** The sender of an isolate, with an object that fails on demand. */
function senderOf() {
  const sent: { readonly atMs: number; readonly posts: number }[] = [];
  const object = { failures: 0, calls: 0 };
  const send = async ({ usage, clientId }: SentUsage) => {
    countCall();
    object.calls++;
    if (object.failures-- > 0) throw new Error('the object fails');
    const posts = usage.reduce((sum, one) => sum + one.posts, 0);
    sent.push({ atMs: Date.now(), posts });
    return { clientId, posts, oldestMs: 0, asOfMs: 0, isKnown: true };
  };
  const sender = new UsageSender({
    send,
    decidedUnder: () => null,
    ask: async (clientId) => ({ clientId, posts: 0, oldestMs: 0, asOfMs: 0, isKnown: true }),
    firstWaitMs: 0,
    windowMsOf: () => 24 * HOUR_MS,
    configuration: { hash: '', version: '' },
    keepAlive: (promise) => void promise,
    newProducerId: () => 'isolate',
    durability: 'strict',
    onFailure: 'serve',
    onTaken: () => {},
    onGiveUp: () => {},
    onForgotten: () => {},
    bucketSeconds: 60,
    nowMs: Date.now,
  });
  return { sender, sent, object, posts: () => sent.reduce((sum, one) => sum + one.posts, 0) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: HOUR_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

it('sends usage of a client that does not return by a request of another client', async () => {
  const { sender, sent, object } = senderOf();
  const usage = (clientId: string, posts: number) => usageOf({ clientId, posts });
  object.failures = 100;
  sender.record(usage('gone', 7), () => {});
  await vi.advanceTimersByTimeAsync(120_000);
  expect(sent).toEqual([]);
  object.failures = 0;
  sender.record(usage('another', 1), () => {});
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent.map(({ posts }) => posts)).toEqual([1, 7]);
});

describe('the usage of an hour of a stream', () => {
  it.each([
    { name: 'an event a second', everyMs: 1_000, posts: 1 },
    { name: 'many posts in each second', everyMs: 1_000, posts: 5_000 },
    { name: 'an event a minute', everyMs: 60_000, posts: 1 },
  ])('is sent whole, in fewer calls than an invocation may make ($name)', async ({ everyMs, posts }) => {
    const rig = senderOf();
    let given = 0;
    await asInvocation(Date.now(), MAX_CALLS, async () => {
      for (let ms = 0; ms < HOUR_MS; ms += everyMs) {
        rig.sender.record({ ...PART, posts }, () => {});
        given += posts;
        // The total by which a client is refused includes them at once.
        expect(rig.sender.total('c', Date.now()).posts + rig.posts()).toBeGreaterThanOrEqual(given);
        await vi.advanceTimersByTimeAsync(everyMs);
      }
      expect(areCallsShort()).toBe(false);
    });
    await vi.advanceTimersByTimeAsync(MAX_STREAM_LINGER_MS);
    expect(rig.posts()).toBe(given);
    const gaps = rig.sent.slice(1).map(({ atMs }, at) => atMs - rig.sent[at]!.atMs);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(MAX_STREAM_LINGER_MS + everyMs);
  });

  it('leaves calls to end the stream if the object is unreachable, and arrives later', async () => {
    const rig = senderOf();
    rig.object.failures = Number.POSITIVE_INFINITY;
    let given = 0;
    await asInvocation(Date.now(), MAX_CALLS, async () => {
      while (!areCallsShort()) {
        rig.sender.record(PART, () => {});
        given++;
        await vi.advanceTimersByTimeAsync(1_000);
      }
      expect(rig.object.calls).toBeLessThan(MAX_CALLS);
      rig.object.failures = 0;
      let isReleased = false;
      rig.sender.record({ ...PART, posts: 0, requests: 1 }, () => {
        isReleased = true;
      });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(isReleased).toBe(true);
    });
    expect(rig.posts()).toBe(given);
  });

  it('is sent by one call for all streams of the client', async () => {
    const rig = senderOf();
    for (let stream = 0; stream < 10; stream++) {
      asInvocation(Date.now(), MAX_CALLS, () => rig.sender.record(PART, () => {}));
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    expect(rig.object.calls).toBe(2);
    expect(rig.posts()).toBe(10);
  });
});
