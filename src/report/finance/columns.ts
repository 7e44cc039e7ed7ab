/** Columns that several reports share. */

import { formatMoney } from '../../tariff/money.ts';
import type { ReportColumn } from './report.ts';

export const MONTH: ReportColumn<{ month: string }> = {
  ...{ name: 'month', label: 'Month', kind: 'month' },
  cell: ({ month }) => month,
};

export const CLIENT: ReadonlyArray<ReportColumn<{ clientId: string; clientName: string }>> = [
  { name: 'client', label: 'Client', kind: 'client', cell: ({ clientId }) => clientId },
  { name: 'clientName', label: 'Name', kind: 'text', cell: ({ clientName }) => clientName },
];

export const SELLER: ReportColumn<{ sellerId: string }> = {
  ...{ name: 'seller', label: 'Seller', kind: 'seller' },
  cell: ({ sellerId }) => sellerId,
};

export const CURRENCY: ReportColumn<{ currency: string }> = {
  ...{ name: 'currency', label: 'Currency', kind: 'text' },
  cell: ({ currency }) => currency,
};

export function amountColumn<Row extends { readonly currency: string }>(
  name: string,
  label: string,
  minorOf: (row: Row) => bigint,
): ReportColumn<Row> {
  return { name, label, kind: 'amount', cell: (row) => formatMoney(minorOf(row), row.currency) };
}

export function countColumn<Row>(
  name: string,
  label: string,
  countOf: (row: Row) => number | null,
): ReportColumn<Row> {
  return { name, label, kind: 'count', cell: countOf };
}
