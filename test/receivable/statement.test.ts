import { expect, test } from 'vitest';
import { type Movement, type MovementKind, statementOf } from '../../src/receivable/statement.ts';

function movement(on: string, kind: MovementKind, amountMinor: bigint, atMs = Date.parse(on)): Movement {
  return { kind, on, atMs, id: `${kind} ${on}`, number: null, text: null, dueOn: null, amountMinor };
}

const MOVEMENTS = [
  movement('2026-04-02', 'payment', -70n),
  movement('2026-03-01', 'invoice', 100n),
  movement('2026-04-10', 'supplement', 20n),
  movement('2026-04-10', 'credit_note', -30n, Date.parse('2026-04-10') - 1),
  movement('2026-05-01', 'refund', 5n),
];

test('movements before the range are the opening balance, and those after it do not count', () => {
  const { openingMinor, rows, closingMinor } = statementOf(MOVEMENTS, '2026-04-01', '2026-04-30');
  expect(openingMinor).toBe(100n);
  expect(rows.map(({ kind, balanceMinor }) => [kind, balanceMinor])).toEqual([
    ['payment', 30n],
    ['credit_note', 0n],
    ['supplement', 20n],
  ]);
  expect(closingMinor).toBe(20n);
});

test('a range without movements closes as it opens, and a client without movements has a balance of 0', () => {
  expect(statementOf(MOVEMENTS, '2026-06-01', '2026-06-30')).toEqual({
    openingMinor: 25n,
    rows: [],
    closingMinor: 25n,
  });
  expect(statementOf([], '2026-06-01', '2026-06-30').closingMinor).toBe(0n);
});

test('one statement opens with the balance at which the one before it closes', () => {
  const first = statementOf(MOVEMENTS, '2026-01-01', '2026-04-05');
  const second = statementOf(MOVEMENTS, '2026-04-06', '2026-12-31');
  expect(second.openingMinor).toBe(first.closingMinor);
});
