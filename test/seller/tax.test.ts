/** Tax rules by scope and moment, what their categories need, and sums of tax (M5). */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BuyerScope, TaxCategory, TaxRule } from '../../src/seller/model.ts';
import { taxGap, taxOf, taxOfCorrection, taxRuleFor } from '../../src/seller/tax.ts';
import { TEST_TAX_RULE } from '../support/sellers.ts';

const rule = (id: string, buyerScope: BuyerScope, validFromMs = 0): TaxRule => ({
  ...TEST_TAX_RULE,
  ...{ id, buyerScope, validFromMs },
});
const ALL = [rule('any', 'any'), rule('domestic', 'domestic'), rule('eu', 'eu'), rule('abroad', 'abroad')];

describe('the rule that applies', () => {
  it.each([
    ['DE', 'DE', 'domestic'],
    ['DE', 'FR', 'eu'],
    ['DE', 'US', 'abroad'],
    ['DE', null, 'any'],
    [null, 'DE', 'any'],
    ['US', 'US', 'domestic'],
    ['US', 'FR', 'eu'],
    ['US', 'JP', 'abroad'],
  ])('of a seller in %s to a buyer in %s is that for %s', (seller, buyer, id) => {
    expect(taxRuleFor(ALL, 'damages', seller, buyer, 1)?.id).toBe(id);
  });

  it.each([
    ['a buyer of another member state is not abroad', [rule('abroad', 'abroad')], 'DE', 'FR', null],
    ['a seller outside the Union has buyers in it abroad', [rule('abroad', 'abroad')], 'US', 'FR', 'abroad'],
    ['a rule for all fits', [rule('any', 'any')], 'DE', 'FR', 'any'],
    ['the latest in force wins', [rule('old', 'any', 0), rule('new', 'any', 5)], 'DE', 'DE', 'new'],
    ['a later one does not apply yet', [rule('old', 'any', 0), rule('new', 'any', 50)], 'DE', 'DE', 'old'],
    [
      'a narrow one that is not in force is ignored',
      [rule('any', 'any'), rule('x', 'domestic', 50)],
      'DE',
      'DE',
      'any',
    ],
    ['nothing fits without a rule', [], 'DE', 'DE', null],
  ] as const)('%s', (_what, rules, seller, buyer, id) => {
    expect(taxRuleFor(rules, 'damages', seller, buyer, 10)?.id ?? null).toBe(id);
  });

  it('of damages does not apply to licences', () => {
    expect(taxRuleFor(ALL, 'licence', 'DE', 'DE', 1)).toBeNull();
  });
});

describe('what a category needs', () => {
  const seller = { vatId: 'DE123456789', taxId: null };
  const none = { vatId: null, taxId: null };
  const gap = (category: TaxCategory, of: typeof seller | typeof none, buyer: string | null) =>
    taxGap({ ...TEST_TAX_RULE, category }, of, buyer)?.field ?? null;

  it.each([
    ['O', none, null, null],
    ['S', none, null, 'seller.vatId'],
    ['S', seller, null, null],
    ['Z', none, null, 'seller.vatId'],
    ['Z', { vatId: null, taxId: '12/345' }, null, null],
    ['E', { vatId: null, taxId: '12/345' }, null, null],
    ['AE', seller, null, 'buyer.taxId'],
    ['AE', none, 'FR12345678901', 'seller.vatId'],
    ['AE', seller, 'FR12345678901', null],
    ['K', seller, null, 'buyer.taxId'],
    ['K', seller, 'FR12345678901', null],
    ['G', { vatId: null, taxId: '12/345' }, null, 'seller.vatId'],
    ['G', seller, null, null],
  ] as const)('%s of the seller %j to the buyer %s', (category, of, buyer, field) => {
    expect(gap(category, of as typeof seller, buyer)).toBe(field);
  });

  it.each(['O', 'E', 'AE', 'G', 'K'] as const)('%s needs a reason', (category) => {
    const silent = { ...TEST_TAX_RULE, category, exemptionCode: null, reason: {} };
    expect(taxGap(silent, seller, 'FR12345678901')?.field).toBe('tax');
  });
});

describe('the tax of an amount', () => {
  it.each([
    [0n, 1900, 0n],
    [1n, 5000, 1n],
    [1n, 4999, 0n],
    [10n, 1900, 2n],
    [150_000_00n, 1900, 28_500_00n],
    [333n, 700, 23n],
  ])('of %s at %s hundredths of a percent is %s', (net, rate, tax) => {
    expect(taxOf(net, rate)).toBe(tax);
  });

  it('sums over an invoice and its corrections to the tax of what remains', () => {
    const amount = fc.bigInt({ min: 0n, max: 10_000_000n });
    const split = fc.tuple(
      fc.integer({ min: 0, max: 2700 }),
      fc.array(amount, { minLength: 1, maxLength: 8 }),
    );
    fc.assert(
      fc.property(split, ([rate, totals]) => {
        // Each total is the net amount after one more invoice, supplement or credit note.
        let [net, tax] = [0n, 0n];
        for (const total of totals) {
          tax += taxOfCorrection(net, total - net, rate);
          net = total;
        }
        expect(tax).toBe(taxOf(net, rate));
      }),
      { numRuns: 10_000 },
    );
  });
});
