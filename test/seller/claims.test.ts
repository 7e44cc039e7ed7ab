/** The cited clause, the expiry of claims under it, and VAT ids of buyers. */

import { describe, expect, it } from 'vitest';
import { claimExpiries } from '../../src/seller/claim-expiry.ts';
import { clauseAt } from '../../src/seller/clause.ts';
import { vatIdOf } from '../../src/seller/countries.ts';
import { X_CLAUSES } from '../../src/seller/x-clauses.ts';

describe('the cited clause', () => {
  it.each([
    ['2024-11-14T23:59:59.999Z', 'USD', null],
    ['2024-11-15T00:00:00Z', 'USD', '2024-11-15'],
    ['2026-01-14T23:59:59.999Z', 'USD', '2024-11-15'],
    ['2026-01-15T00:00:00Z', 'EUR', '2026-01-15'],
    ['2026-12-01T00:00:00Z', 'EUR', '2026-04-10'],
    ['2026-12-01T00:00:00Z', 'JPY', null],
  ])('of a breach that starts at %s in %s is that of %s', (at, currency, from) => {
    const clause = clauseAt(X_CLAUSES, 'x', currency, Date.parse(at));
    expect(clause === null ? null : new Date(clause.validFromMs).toISOString().slice(0, 10)).toBe(from);
    expect(clause?.currency ?? currency).toBe(currency);
  });

  it('is none without a family', () => {
    expect(clauseAt(X_CLAUSES, null, 'USD', Date.UTC(2026, 6))).toBeNull();
  });
});

describe('the expiry of a claim', () => {
  it.each([
    ['2026-03-01T12:00:00Z', 12, '2027-03-01'],
    ['2026-03-01T23:59:00Z', 24, '2028-03-01'],
    ['2026-01-31T00:00:00Z', 1, '2026-02-28'],
    ['2024-02-29T00:00:00Z', 12, '2025-02-28'],
    ['2026-11-30T00:00:00Z', 3, '2027-02-28'],
  ])('of a breach from %s after %i months is %s', (from, months, on) => {
    expect(claimExpiries([{ label: { en: 'any' }, months }], Date.parse(from))).toEqual([
      { label: { en: 'any' }, on },
    ]);
  });
});

it.each([
  ['DE 123 456 789', 'DE123456789'],
  ['fr-12345678901', 'FR12345678901'],
  ['EL123456789', 'EL123456789'],
  ['CHE-123.456.789', 'CHE123456789'],
  ['12-3456789', null],
  ['DEUTSCHLAND', null],
  ['US123456789', null],
  [null, null],
])('the tax id %s is the VAT id %s', (taxId, vatId) => {
  expect(vatIdOf(taxId)).toBe(vatId);
});
