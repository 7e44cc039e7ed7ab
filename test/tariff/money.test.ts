import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, isCurrency, parseMoney } from '../../src/tariff/money.ts';

describe('parseMoney', () => {
  it.each([
    ['15000.00', 'USD', 1_500_000n],
    ['15000', 'USD', 1_500_000n],
    ['0.5', 'EUR', 50n],
    ['15000', 'JPY', 15_000n],
    ['1.234', 'KWD', 1_234n],
    ['90071992547409930.01', 'USD', 9_007_199_254_740_993_001n],
  ])('%s %s', (text, currency, minor) => {
    expect(parseMoney(text, currency)).toEqual({ ok: true, minor });
  });

  it.each([
    ['15000.001', 'USD'],
    ['1.5', 'JPY'],
    ['-1', 'USD'],
    ['+1', 'USD'],
    ['1e3', 'USD'],
    ['1,000', 'USD'],
    ['.5', 'USD'],
    ['5.', 'USD'],
    [' 5', 'USD'],
    ['', 'USD'],
    ['9'.repeat(31), 'USD'],
  ])('rejects %j %s', (text, currency) => {
    expect(parseMoney(text, currency).ok).toBe(false);
  });

  it('parses what formatMoney writes', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n), fc.constantFrom('USD', 'JPY', 'KWD'), (minor, currency) => {
        expect(parseMoney(formatMoney(minor, currency), currency)).toEqual({ ok: true, minor });
      }),
    );
  });
});

it('formatMoney writes all decimal places and the sign', () => {
  expect(formatMoney(2n, 'USD')).toBe('0.02');
  expect(formatMoney(-1_500_002n, 'USD')).toBe('-15000.02');
  expect(formatMoney(-5n, 'JPY')).toBe('-5');
});

it('isCurrency accepts upper case only', () => {
  expect(['USD', 'usd', 'XYZ', ''].map(isCurrency)).toEqual([true, false, false, false]);
});
