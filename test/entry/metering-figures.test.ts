import { expect, it } from 'vitest';
import { damageOf } from '../../src/entry/metering-figures.ts';

it('damage of the journal is reported with its size, and nothing if there is none', () => {
  expect(damageOf(0)).toBe(null);
  expect(damageOf(7)).toContain('lost 7 records');
});
