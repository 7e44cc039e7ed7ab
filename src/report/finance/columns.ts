/** Columns that several reports share. */

import { formatMoney } from '../../tariff/money.ts';
import type { ReportColumn } from './report.ts';

export const MONTH: ReportColumn<{ month: string }> = {
  ...{ name: 'month', label: 'Month', kind: 'month', isSummed: false },
  cell: ({ month }) => month,
};

export const CLIENT: ReadonlyArray<ReportColumn<{ clientId: string; clientName: string }>> = [
  {
    ...{ name: 'client', label: 'Client', kind: 'client', isSummed: false },
    cell: ({ clientId }) => clientId,
  },
  textColumn('clientName', 'Name', ({ clientName }) => clientName),
];

export const SELLER: ReportColumn<{ sellerId: string }> = {
  ...{ name: 'seller', label: 'Seller', kind: 'seller', isSummed: false },
  cell: ({ sellerId }) => sellerId,
};

export const CURRENCY: ReportColumn<{ currency: string }> = {
  ...{ name: 'currency', label: 'Currency', kind: 'text', isSummed: false },
  cell: ({ currency }) => currency,
};

export function textColumn<Row>(
  name: string,
  label: string,
  textOf: (row: Row) => string | null,
): ReportColumn<Row> {
  return { name, label, kind: 'text', isSummed: false, cell: textOf };
}

/** An amount in the currency of its row. */
export function amountColumn<Row extends { readonly currency: string }>(
  name: string,
  label: string,
  minorOf: (row: Row) => bigint,
): ReportColumn<Row> {
  const cell = (row: Row) => formatMoney(minorOf(row), row.currency);
  return { name, label, kind: 'amount', isSummed: true, cell };
}

/** A count whose sum over rows says something. */
export function countColumn<Row>(
  name: string,
  label: string,
  countOf: (row: Row) => number | null,
): ReportColumn<Row> {
  return { name, label, kind: 'count', isSummed: true, cell: countOf };
}

/** A column that is not summed. */
export function unsummed<Row>(column: ReportColumn<Row>): ReportColumn<Row> {
  return { ...column, isSummed: false };
}
