/** An invoice as finance sees it: as JSON, and as a row of a table. Money in major units, moments in ISO 8601. */

import type { Invoice, InvoiceLine } from '../invoice/model.ts';
import { formatMoney } from '../tariff/money.ts';
import { type Cell, figure } from './csv.ts';
import { isoMoment, isoMomentOrNull } from './moment.ts';
import { UNIQUE_COLUMNS, type UniqueCount, uniqueCells, uniqueView } from './unique.ts';

/** An invoice with what its lines come to. */
export interface InvoiceSummary extends Omit<Invoice, 'lines'> {
  /** As frozen at issue, before that as the client stands now. */
  readonly legalName: string | null;
  /** From the first line's start to the last line's end; null without lines. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly posts: number;
  /**
   * For information: the different posts of the UTC days that the lines touch. As frozen at issue, before that as the
   * ledger stands now; null without lines, and on what was issued before there were such counts.
   */
  readonly unique: UniqueCount | null;
  /** Hex of SHA-256 over its content, and over the usage that it rests on; null before issue, and without a seal. */
  readonly contentHash: string | null;
  readonly usageHash: string | null;
}

export type InvoiceView = ReturnType<typeof invoiceView>;

export function invoiceView(invoice: InvoiceSummary) {
  const { id, number, kind, status, clientId, legalName, breachId, correctsId, posts, currency } = invoice;
  return {
    id,
    number,
    kind,
    status,
    clientId,
    legalName,
    breachId,
    correctsId,
    month: invoice.monthMs === null ? null : isoMoment(invoice.monthMs).slice(0, 7),
    from: isoMomentOrNull(invoice.fromMs),
    to: isoMomentOrNull(invoice.toMs),
    posts,
    amount: formatMoney(invoice.amountMinor, currency),
    currency,
    billTo: invoice.billTo,
    approvedBy: invoice.approvedBy,
    approvedAt: isoMomentOrNull(invoice.approvedAtMs),
    issuedAt: isoMomentOrNull(invoice.issuedAtMs),
    createdAt: isoMoment(invoice.createdAtMs),
    updatedAt: isoMoment(invoice.updatedAtMs),
    unique: invoice.unique === null ? null : uniqueView(invoice.unique),
    contentHash: invoice.contentHash,
    usageHash: invoice.usageHash,
  };
}

export function lineView(line: InvoiceLine, currency: string) {
  const { tariffVersionId, description, posts, block, rounding, peakPosts } = line;
  return {
    tariffVersionId,
    description,
    from: isoMoment(line.fromMs),
    to: isoMoment(line.toMs),
    posts,
    price: formatMoney(line.priceMinor, currency),
    block,
    rounding,
    amount: formatMoney(line.amountMinor, currency),
    peakPosts,
    peakAt: isoMomentOrNull(line.peakAtMs),
  };
}

/** The columns of an invoice in a table, in their order. */
export const INVOICE_COLUMNS = [
  'number',
  'id',
  'kind',
  'status',
  'client',
  'legalName',
  'from',
  'to',
  'posts',
  'amount',
  'currency',
  'approvedBy',
  'issuedAt',
  'createdAt',
  'corrects',
  ...UNIQUE_COLUMNS,
  'contentHash',
  'usageHash',
] as const;

/** What stands under `INVOICE_COLUMNS`. A credit note's amount is a negative figure. */
export function invoiceCells(invoice: InvoiceView): Cell[] {
  return [
    invoice.number,
    invoice.id,
    invoice.kind,
    invoice.status,
    invoice.clientId,
    invoice.legalName,
    invoice.from,
    invoice.to,
    invoice.posts,
    figure(invoice.amount),
    invoice.currency,
    invoice.approvedBy,
    invoice.issuedAt,
    invoice.createdAt,
    invoice.correctsId,
    ...uniqueCells(invoice.unique),
    invoice.contentHash,
    invoice.usageHash,
  ];
}
