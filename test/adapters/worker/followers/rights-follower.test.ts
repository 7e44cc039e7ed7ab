import { beforeEach, expect, it } from 'vitest';
import { RightsFollower } from '../../../../src/adapters/worker/followers/rights-follower.ts';
import { NO_STATES } from '../../../../src/rights/state.ts';
import { type Subject, subjectOf } from '../../../../src/rights/subject.ts';

const [A, B] = [subjectOf('post', '', 'a'), subjectOf('post', '', 'b')];
const ON = { on: 1, off: 0 };

let nowMs: number;
let isAway: boolean;
let asked: string[][];
let errors: unknown[];
let follower: RightsFollower;
beforeEach(() => {
  nowMs = 1_000_000;
  isAway = false;
  asked = [];
  errors = [];
  const statesOf = async (subjects: readonly Subject[]) => {
    if (isAway) throw new Error('the object is away');
    asked.push(subjects.map(({ name }) => name));
    return {
      asOf: { sequence: 7, readAtMs: nowMs },
      states: subjects.map(({ name }) => (name === 'a' ? ON : NO_STATES)),
    };
  };
  follower = new RightsFollower({
    object: () => ({ statesOf }),
    nowMs: () => nowMs,
    onError: (error) => errors.push(error),
  });
});

it('asks once for several subjects, and keeps the answers for five seconds', async () => {
  expect(follower.asOf).toBeNull();
  expect(await follower.statesOf([A, B])).toEqual([ON, NO_STATES]);
  expect(follower.asOf).toEqual({ sequence: 7, readAtMs: 1_000_000 });
  nowMs += 4_999;
  expect(await follower.statesOf([B, A])).toEqual([NO_STATES, ON]);
  expect(asked).toEqual([['a', 'b']]);
  nowMs += 1;
  await follower.statesOf([A]);
  expect(asked).toEqual([['a', 'b'], ['a']]);
});

it('asks only for the subjects that it does not know', async () => {
  await follower.statesOf([A]);
  expect(await follower.statesOf([A, B])).toEqual([ON, NO_STATES]);
  expect(asked).toEqual([['a'], ['b']]);
});

it('has no registry after a call that failed, and keeps what it knows of single subjects', async () => {
  await follower.statesOf([A]);
  isAway = true;
  nowMs += 60_000;
  expect(await follower.statesOf([A, B])).toEqual([ON, NO_STATES]);
  expect(follower.asOf).toBeNull();
  expect(errors).toHaveLength(1);
  isAway = false;
  expect(await follower.statesOf([A, B])).toEqual([ON, NO_STATES]);
  expect(follower.asOf).toEqual({ sequence: 7, readAtMs: nowMs });
});
