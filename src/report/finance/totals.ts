/** Sums of the rows of a report, by currency. */

import { formatMoney } from '../../tariff/money.ts';
import type { Report, ReportCells } from './report.ts';

/** One row for each currency, in order, with the columns that can be summed; one row if the report has no currency. */
export function totalsOf(columns: Report['columns'], rows: readonly ReportCells[]): ReportCells[] {
  const summed = columns.filter(({ isSummed }) => isSummed);
  const hasCurrency = columns.some(({ name }) => name === 'currency');
  const currencies = hasCurrency ? [...new Set(rows.map(({ currency }) => String(currency)))].sort() : [null];
  if (rows.length === 0 || summed.length === 0) return [];
  return currencies.map((currency) => {
    const own = rows.filter((row) => currency === null || row.currency === currency);
    const sums = summed.map(({ name, kind }) => {
      // Amounts of one currency have the same number of decimal places.
      const sum = own.reduce((all, row) => all + BigInt(String(row[name] ?? 0).replace('.', '')), 0n);
      return [name, kind === 'amount' ? formatMoney(sum, currency!) : Number(sum)] as const;
    });
    return { ...(currency === null ? {} : { currency }), ...Object.fromEntries(sums) };
  });
}
