import { expect, it } from 'vitest';
import { backOffMs } from '../../src/meter/back-off.ts';

const BACK_OFF = { firstMs: 50, maxMs: 5_000 };

it.each([
  [1, 0, 25],
  [1, 0.5, 37.5],
  [2, 0, 50],
  [7, 0, 1_600],
  [8, 0, 2_500],
  [1_000, 0, 2_500],
])('after %d failures, with the random number %d: %d ms', (failures, random, ms) => {
  expect(backOffMs(failures, BACK_OFF, random)).toBe(ms);
});

it('never exceeds the maximum', () => {
  expect(backOffMs(1_000, BACK_OFF, 1 - Number.EPSILON)).toBeLessThanOrEqual(BACK_OFF.maxMs);
});
