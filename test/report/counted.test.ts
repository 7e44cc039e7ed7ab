import { expect, test } from 'vitest';
import { counted, nounOf } from '../../src/report/counted.ts';

test('a noun is in the singular for one alone', () => {
  expect([0, 1, 2, 1234].map((count) => counted(count, 'client'))).toEqual([
    '0 clients',
    '1 client',
    '2 clients',
    '1,234 clients',
  ]);
  expect([1, 2].map((count) => counted(count, 'breach', 'breaches'))).toEqual(['1 breach', '2 breaches']);
  expect(nounOf(1, 'batch', 'batches')).toBe('batch');
});
