import { expect, test } from 'vitest';
import { policyTimeline } from '../../src/terms/timeline.ts';
import { policyVersion } from './policies.ts';

const T0 = Date.UTC(2026, 3, 1);

test('the policy with the latest start applies, and the last one of an equal start', () => {
  const at = policyTimeline([
    policyVersion({}, { version: 3, validFromMs: T0 + 1_000 }),
    policyVersion({}, { version: 1, validFromMs: T0 }),
    policyVersion({}, { version: 2, validFromMs: T0 + 5_000 }),
    policyVersion({}, { version: 4, validFromMs: T0 + 5_000 }),
  ]);
  const versions = [T0 - 1, T0, T0 + 999, T0 + 1_000, T0 + 4_999, T0 + 5_000].map((ms) => at(ms)?.version);
  expect(versions).toEqual([undefined, 1, 1, 3, 3, 4]);
});
