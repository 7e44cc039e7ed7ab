/** Lines of invoices as rows of a table, each with the invoice that it belongs to. */

import type { Invoice } from '../../invoice/model.ts';
import { type Cell, figure } from '../csv.ts';
import type { lineView } from '../invoice-view.ts';

/** Columns of the table of lines, in order. */
export const LINE_COLUMNS = [
  ...(['number', 'invoice', 'invoiceKind', 'status', 'client', 'line', 'kind', 'description'] as const),
  ...(['from', 'to', 'posts', 'quantity', 'price', 'block', 'rounding', 'amount', 'currency'] as const),
  ...(['offsets', 'tariffVersion', 'threshold', 'windowSeconds', 'peakPosts', 'peakAt'] as const),
] as const;

/** Cells for `LINE_COLUMNS`. `position` counts from 0. The amount of a credit is negative. */
export function lineCells(
  { number, id, kind, status, clientId, currency }: Omit<Invoice, 'lines'>,
  position: number,
  line: ReturnType<typeof lineView>,
): Cell[] {
  return [
    // A serial number, not a count: no thousands separators.
    ...[number === null ? null : figure(String(number)), id, kind, status, clientId, position + 1],
    ...[line.kind, line.description, line.from, line.to, line.posts, line.quantity],
    ...[figure(line.price), line.block, line.rounding, figure(line.amount), currency],
    ...[line.offsetsInvoiceId, line.tariffVersionId, line.threshold, line.windowSeconds],
    ...[line.peakPosts, line.peakAt],
  ];
}
