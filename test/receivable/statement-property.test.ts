import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOVEMENT_KINDS, type Movement, statementOf } from '../../src/receivable/statement.ts';
import { draws } from '../support/draws.ts';

const date = fc
  .integer({ min: 0, max: 400 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
const movement = fc.record({
  kind: fc.constantFrom(...MOVEMENT_KINDS),
  on: date,
  amountMinor: fc.bigInt(-99n, 99n),
});

test('a statement closes: the opening balance and all movements come to the closing balance', () => {
  fc.assert(
    fc.property(fc.array(movement), date, date, date, (given, ...dates) => {
      const [from, middle, to] = dates.sort() as [string, string, string];
      const rest = { id: 'x', number: null, text: null, dueOn: null };
      const movements: Movement[] = given.map((one, atMs) => ({ ...one, ...rest, atMs }));
      const sum = (which: (one: Movement) => boolean) =>
        movements.filter(which).reduce((total, { amountMinor }) => total + amountMinor, 0n);
      const { openingMinor, rows, closingMinor } = statementOf(movements, from, to);
      expect(openingMinor).toBe(sum(({ on }) => on < from));
      expect(closingMinor).toBe(sum(({ on }) => on <= to));
      expect(rows.at(-1)?.balanceMinor ?? openingMinor).toBe(closingMinor);
      expect(rows.reduce((total, { amountMinor }) => total + amountMinor, openingMinor)).toBe(closingMinor);
      expect(rows.map(({ on }) => on)).toEqual(rows.map(({ on }) => on).sort());
      const first = statementOf(movements, from, middle);
      const next = new Date(Date.parse(middle) + 86_400_000).toISOString().slice(0, 10);
      expect(statementOf(movements, next, to < next ? next : to).openingMinor).toBe(first.closingMinor);
    }),
    { numRuns: draws(500) },
  );
});
