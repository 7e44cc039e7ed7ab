import { array, assert, constantFrom, nat, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GATHERED, Gathering, LINGER_MS, type Parcel } from '../../../src/adapters/worker/usage/gathering.ts';
import { HOT_REQUESTS } from '../../../src/adapters/worker/usage/request-rate.ts';
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

const postsOf = (parcels: readonly Parcel[]) =>
  parcels.flatMap((parcel) => parcel.usage).reduce((sum, { posts }) => sum + posts, 0);

/** Fast enough to be hot, and all of it has arrived. */
function hot(nowMs: number): Gathering {
  const gathering = new Gathering();
  for (let seen = 0; seen < HOT_REQUESTS; seen++) gathering.add(usage(1), nowMs);
  gathering.arrived(gathering.take());
  return gathering;
}

describe('Gathering', () => {
  it('sends at once for a client that is not hot, and one parcel at a time', () => {
    const gathering = new Gathering();
    gathering.add(usage(3), 0);
    expect(gathering.next(0)).toEqual({ kind: 'send' });
    const first = gathering.take();
    gathering.add(usage(4), 1);
    gathering.add(usage(5), 2);
    expect(gathering.next(2)).toEqual({ kind: 'none' });
    expect(gathering.unanswered).toBe(12);
    expect(gathering.arrived(first)).toBe(true);
    expect(gathering.arrived(first)).toBe(false);
    const second = gathering.take();
    expect([first.sequence, second.sequence]).toEqual([1, 2]);
    expect(second.usage).toEqual([{ ...usage(9), requests: 2 }]);
  });

  it.each([
    ['waits for more', GATHERED - 1, 0, { kind: 'gather', untilMs: 1_000 + LINGER_MS }],
    ['waits no longer than it may', 1, LINGER_MS, { kind: 'send' }],
    ['waits for no more than it must', GATHERED, 0, { kind: 'send' }],
  ])('%s where the client is hot', (_name, responses, laterMs, step) => {
    const gathering = hot(1_000);
    for (let seen = 0; seen < responses; seen++) gathering.add(usage(1), 1_000);
    expect(gathering.next(1_000 + laterMs)).toEqual(step);
  });

  it('drops ids beyond its bound, and no post', () => {
    const gathering = new Gathering();
    for (let page = 0; page < 3; page++) gathering.add({ ...usage(9), ids: new Uint32Array(80_000) }, 0);
    const { usage: sent, posts } = gathering.take();
    expect(posts).toBe(27);
    expect(sent[0]).toMatchObject({ posts: 27, requests: 3 });
    expect(sent[0]!.ids).toHaveLength(160_000);
  });

  it('sends every post once, in parcels without a gap between their sequences', () => {
    const step = record({ posts: nat(5), who: constantFrom('a', 'b'), ms: nat(30), arrives: nat(2) });
    assert(
      property(array(step, { maxLength: 300 }), (steps) => {
        const gathering = new Gathering();
        const sent: Parcel[] = [];
        let nowMs = 0;
        for (const { posts, who, ms, arrives } of steps) {
          nowMs += ms;
          gathering.add(usage(posts, who), nowMs);
          if (arrives === 0 && gathering.underWay !== null) gathering.arrived(gathering.underWay);
          if (gathering.next(nowMs).kind === 'send') sent.push(gathering.take());
        }
        const all = steps.reduce((sum, { posts }) => sum + posts, 0);
        const gathered = gathering.unanswered - (gathering.underWay?.posts ?? 0);
        expect(postsOf(sent) + gathered).toBe(all);
        expect(sent.map(({ sequence }) => sequence)).toEqual(sent.map((_, at) => at + 1));
      }),
    );
  });
});
