import { expect, test } from 'vitest';
import { X_CLAUSES } from '../../src/seller/x-clauses.ts';
import { formatMoney } from '../../src/tariff/money.ts';

test('three versions of the terms are shipped, each in dollars and in euros', () => {
  const shown = X_CLAUSES.map(({ id, currency, priceMinor, claimPeriods }) => [
    ...[id, formatMoney(priceMinor, currency), currency],
    claimPeriods.map(({ months }) => months),
  ]);
  expect(shown).toEqual([
    ['x-us-2024-11-15', '15000.00', 'USD', [12, 24]],
    ['x-eu-2024-11-15', '15000.00', 'EUR', [12]],
    ['x-us-2026-01-15', '15000.00', 'USD', [12, 24]],
    ['x-eu-2026-01-15', '15000.00', 'EUR', [12]],
    ['x-us-2026-04-10', '15000.00', 'USD', [12, 24]],
    ['x-eu-2026-04-10', '15000.00', 'EUR', [12]],
  ]);
});

// Of the European terms only the amount could be read, and nothing else may be quoted.
test('each quotes its amount, the US terms their threshold, and each starts at midnight UTC', () => {
  for (const { text, currency, thresholdPosts, validFromMs } of X_CLAUSES) {
    if (currency === 'USD') expect(text).toContain(`more than ${thresholdPosts.toLocaleString('en')} posts`);
    expect(text).toContain(`15,000 ${currency} per 1,000,000 posts`);
    expect(validFromMs % 86_400_000).toBe(0);
  }
});
