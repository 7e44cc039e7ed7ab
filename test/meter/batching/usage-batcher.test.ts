import { array, assert, constantFrom, nat, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOT_REQUESTS } from '../../../src/meter/batching/request-rate.ts';
import {
  BATCH_SIZE,
  type ClientBatch,
  LINGER_MS,
  UsageBatcher,
} from '../../../src/meter/batching/usage-batcher.ts';
import type { Usage } from '../../../src/meter/usage.ts';

const usage = (posts: number, identifierId = 'key'): Usage => ({
  clientId: 'c',
  identifierId,
  bucketMs: 0,
  posts,
  requests: 1,
  refused: 0,
  bytes: posts * 10,
  uncounted: 0,
});

const postsOf = (batches: readonly ClientBatch[]) =>
  batches.flatMap((batch) => batch.usage).reduce((sum, { posts }) => sum + posts, 0);

/** The batcher of a hot client, with everything confirmed. */
function hot(nowMs: number): UsageBatcher {
  const batcher = new UsageBatcher();
  for (let seen = 0; seen < HOT_REQUESTS; seen++) batcher.add(usage(1), nowMs);
  batcher.confirm(batcher.take());
  return batcher;
}

describe('UsageBatcher', () => {
  it('sends at once for a client that is not hot, one batch at a time', () => {
    const batcher = new UsageBatcher();
    batcher.add(usage(3), 0);
    expect(batcher.nextStep(0)).toEqual({ kind: 'send' });
    const first = batcher.take();
    batcher.add(usage(4), 1);
    batcher.add(usage(5), 2);
    expect(batcher.nextStep(2)).toEqual({ kind: 'none' });
    expect(batcher.unconfirmedPosts).toBe(12);
    expect(batcher.confirm(first)).toBe(true);
    expect(batcher.confirm(first)).toBe(false);
    const second = batcher.take();
    expect([first.sequence, second.sequence]).toEqual([1, 2]);
    expect(second.usage).toEqual([{ ...usage(9), requests: 2 }]);
  });

  it.each([
    ['lingers', BATCH_SIZE - 1, 0, { kind: 'linger', untilMs: 1_000 + LINGER_MS }],
    ['sends after the linger time', 1, LINGER_MS, { kind: 'send' }],
    ['sends a full batch', BATCH_SIZE, 0, { kind: 'send' }],
  ])('%s for a hot client', (_name, responses, laterMs, step) => {
    const batcher = hot(1_000);
    for (let seen = 0; seen < responses; seen++) batcher.add(usage(1), 1_000);
    expect(batcher.nextStep(1_000 + laterMs)).toEqual(step);
  });

  it('drops ids beyond its limit, but no posts', () => {
    const batcher = new UsageBatcher();
    for (let page = 0; page < 3; page++) batcher.add({ ...usage(9), ids: new Uint32Array(80_000) }, 0);
    const { usage: sent, posts } = batcher.take();
    expect(posts).toBe(27);
    expect(sent[0]).toMatchObject({ posts: 27, requests: 3 });
    expect(sent[0]!.ids).toHaveLength(160_000);
  });

  it('sends every post once, in batches with consecutive sequences', () => {
    const step = record({
      posts: nat(5),
      who: constantFrom('a', 'b'),
      ms: nat(30),
      isConfirmed: constantFrom(true, false, false),
    });
    assert(
      property(array(step, { maxLength: 300 }), (steps) => {
        const batcher = new UsageBatcher();
        const sent: ClientBatch[] = [];
        let nowMs = 0;
        for (const { posts, who, ms, isConfirmed } of steps) {
          nowMs += ms;
          batcher.add(usage(posts, who), nowMs);
          if (isConfirmed && batcher.inFlight !== null) batcher.confirm(batcher.inFlight);
          if (batcher.nextStep(nowMs).kind === 'send') sent.push(batcher.take());
        }
        const all = steps.reduce((sum, { posts }) => sum + posts, 0);
        const collected = batcher.unconfirmedPosts - (batcher.inFlight?.posts ?? 0);
        expect(postsOf(sent) + collected).toBe(all);
        expect(sent.map(({ sequence }) => sequence)).toEqual(sent.map((_, at) => at + 1));
      }),
    );
  });
});
