/** Series, counters, displayed numbers and references of invoices. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumberSeries } from '../../src/seller/model.ts';
import { isPaymentReference, paymentReferenceOf } from '../../src/seller/payment-reference.ts';
import { counterOf, displayNumberOf, seriesFor } from '../../src/seller/series.ts';

const series = (changes: Partial<NumberSeries>): NumberSeries => ({
  ...{ series: 'pm', sellerId: 'a', kinds: ['invoice', 'supplement'], prefix: '', width: 0 },
  ...{ isYearly: false, archivedAtMs: null },
  ...changes,
});
const LAST_MS = Date.UTC(2026, 11, 31, 23, 59, 59, 999);

describe('the series of an invoice', () => {
  const all = [
    series({}),
    series({ series: 'cn', kinds: ['credit_note'] }),
    series({ series: 'b', sellerId: 'b' }),
  ];
  it.each([
    ['a', 'invoice', 'pm'],
    ['a', 'credit_note', 'cn'],
    ['b', 'supplement', 'b'],
    ['b', 'credit_note', null],
    ['c', 'invoice', null],
  ] as const)('of seller %s for %s is %s', (sellerId, kind, expected) => {
    expect(seriesFor(all, sellerId, kind)?.series ?? null).toBe(expected);
  });

  it('is never an archived one', () => {
    expect(seriesFor([series({ archivedAtMs: 5 })], 'a', 'invoice')).toBeNull();
  });
});

describe('a number', () => {
  it.each([
    [{}, 17, 'pm', '17'],
    [{ prefix: 'PM-', width: 6 }, 17, 'pm', 'PM-000017'],
    [{ prefix: 'PM-', width: 4, isYearly: true }, 17, 'pm/2026', 'PM-2026-0017'],
    [{ width: 2 }, 12345, 'pm', '12345'],
  ])('of %j is counted and printed', (changes, number, counter, printed) => {
    expect(counterOf(series(changes), LAST_MS)).toBe(counter);
    expect(displayNumberOf(series(changes), number, LAST_MS)).toBe(printed);
  });

  it('of a yearly series has the next year from midnight UTC on', () => {
    const yearly = series({ isYearly: true });
    expect([counterOf(yearly, LAST_MS), counterOf(yearly, LAST_MS + 1)]).toEqual(['pm/2026', 'pm/2027']);
  });
});

describe('a payment reference', () => {
  // The first is the example of ISO 11649 texts for RF18 references.
  it.each([
    ['539007547034', 'RF18539007547034'],
    ['PM-000017', 'RF30PM000017'],
    ['17', 'RF3017'],
  ])('of %s is %s', (number, reference) => {
    expect(paymentReferenceOf(number)).toBe(reference);
  });

  it('has right check digits and a valid length for every number, and no other digits are right', () => {
    const number = fc.tuple(fc.string({ maxLength: 12 }), fc.integer({ min: 1, max: 1e12 }));
    fc.assert(
      fc.property(number, fc.integer({ min: 2, max: 98 }), ([prefix, value], digits) => {
        const reference = paymentReferenceOf(`${prefix}${value}`);
        expect(isPaymentReference(reference)).toBe(true);
        const other = `RF${String(digits).padStart(2, '0')}${reference.slice(4)}`;
        expect(isPaymentReference(other)).toBe(other === reference);
      }),
    );
  });
});
