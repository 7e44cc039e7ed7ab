/** An invoice as finance sees it: as JSON, and as a row of a table. Money in major units, moments in ISO 8601. */

import type { BreachSpan } from '../invoice/closing.ts';
import { isLess } from '../invoice/lines.ts';
import type { Invoice, InvoiceLine, Rejection } from '../invoice/model.ts';
import { formatMoney } from '../tariff/money.ts';
import { pricedPosts } from '../tariff/rating.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { type Cell, figure } from './csv.ts';
import { isoMoment, isoMomentOrNull } from './moment.ts';
import { UNIQUE_COLUMNS, type UniqueCount, uniqueCells, uniqueView } from './unique.ts';

/** An invoice with what its lines come to. */
export interface InvoiceSummary extends Omit<Invoice, 'lines'> {
  /** Null for a licence. */
  readonly breach: BreachSpan | null;
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

/** `closesAtMs`: see `draftClosesAtMs`. */
export function invoiceView(invoice: InvoiceSummary, closesAtMs: number | null) {
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
    closesAt: isoMomentOrNull(closesAtMs),
    billTo: invoice.billTo,
    approvedBy: invoice.approvedBy,
    approvedAt: isoMomentOrNull(invoice.approvedAtMs),
    issuedAt: isoMomentOrNull(invoice.issuedAtMs),
    rejection: rejectionView(invoice.rejection),
    createdAt: isoMoment(invoice.createdAtMs),
    updatedAt: isoMoment(invoice.updatedAtMs),
    unique: invoice.unique === null ? null : uniqueView(invoice.unique),
    contentHash: invoice.contentHash,
    usageHash: invoice.usageHash,
  };
}

function rejectionView(rejection: Rejection | null) {
  if (rejection === null) return null;
  const { by, atMs, reason } = rejection;
  return { by, at: isoMoment(atMs), reason };
}

/**
 * `versions` hold that of the line. A line that takes an issued invoice off has the
 * quantity -1 (a credit note: 1) and the amount of that invoice as its price.
 */
export function lineView(line: InvoiceLine, currency: string, versions: readonly TariffVersion[]) {
  const { tariffVersionId, description, posts, rounding, peakPosts } = line;
  const tariff = isLess(line) ? null : versions.find(({ id }) => id === tariffVersionId)?.tariff;
  const damages = tariff?.kind === 'damages' ? tariff : null;
  return {
    tariffVersionId,
    description,
    from: isoMoment(line.fromMs),
    to: isoMoment(line.toMs),
    posts,
    ...priceView(line, currency),
    rounding,
    amount: formatMoney(line.amountMinor, currency),
    threshold: damages?.threshold ?? null,
    windowSeconds: damages?.windowSeconds ?? null,
    peakPosts,
    peakAt: isoMomentOrNull(line.peakAtMs),
  };
}

/** `quantity` x `price` / `block` is the amount, rounded half up to the minor unit. */
function priceView(line: InvoiceLine, currency: string) {
  if (isLess(line)) {
    const price = line.amountMinor < 0n ? -line.amountMinor : line.amountMinor;
    return { quantity: line.amountMinor < 0n ? -1 : 1, price: formatMoney(price, currency), block: 1 };
  }
  return { quantity: pricedPosts(line), price: formatMoney(line.priceMinor, currency), block: line.block };
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
  'voidAmount',
  'currency',
  'closesAt',
  'approvedBy',
  'issuedAt',
  'rejection',
  'createdAt',
  'corrects',
  ...UNIQUE_COLUMNS,
  'contentHash',
  'usageHash',
] as const;

/** What stands under `INVOICE_COLUMNS`. A credit note's amount is negative. What is not owed is not in `amount`. */
export function invoiceCells(invoice: InvoiceView): Cell[] {
  const isVoid = invoice.status === 'void' || invoice.status === 'rejected';
  return [
    // A number in a series, not a count: without separators of thousands.
    invoice.number === null ? null : figure(String(invoice.number)),
    invoice.id,
    invoice.kind,
    invoice.status,
    invoice.clientId,
    invoice.legalName,
    invoice.from,
    invoice.to,
    invoice.posts,
    isVoid ? null : figure(invoice.amount),
    isVoid ? figure(invoice.amount) : null,
    invoice.currency,
    invoice.closesAt,
    invoice.approvedBy,
    invoice.issuedAt,
    invoice.rejection?.reason ?? null,
    invoice.createdAt,
    invoice.correctsId,
    ...uniqueCells(invoice.unique),
    invoice.contentHash,
    invoice.usageHash,
  ];
}
