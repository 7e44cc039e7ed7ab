/** An invoice as finance sees it, as JSON and as a table row. Money is in major units, timestamps in ISO 8601. */

import type { BreachSpan } from '../invoice/closing.ts';
import { printedNumber } from '../invoice/document.ts';
import type { Invoice, InvoiceLine, Rejection } from '../invoice/model.ts';
import type { UniqueCount } from '../meter/unique/count.ts';
import { type ReceivableLabel, standingOf } from '../receivable/label.ts';
import type { Receivable } from '../receivable/model.ts';
import { formatMoney } from '../tariff/money.ts';
import { pricedPosts } from '../tariff/rating.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { type Cell, figure } from './csv.ts';
import { isoTimestamp, isoTimestampOrNull } from './timestamp.ts';
import { UNIQUE_COLUMNS, uniqueCells, uniqueView } from './unique.ts';

/** An invoice with the totals of its lines. */
export interface InvoiceSummary extends Omit<Invoice, 'lines'> {
  /** Null for a licence. */
  readonly breach: BreachSpan | null;
  /** Frozen at issue; until then the client's current name. */
  readonly legalName: string | null;
  /** From the first line's start to the last line's end; null without lines. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly posts: number;
  /**
   * For information: distinct posts in the UTC days that the lines touch. Frozen at issue; until then the ledger's
   * current count. Null without lines, and on invoices issued before these counts existed.
   */
  readonly unique: UniqueCount | null;
  /** Null before issue, and on a credit note. */
  readonly receivable: Receivable | null;
  /** Hex SHA-256 of the content, and of the usage behind it. Null before issue and without a seal. */
  readonly contentHash: string | null;
  readonly usageHash: string | null;
}

export type InvoiceView = ReturnType<typeof invoiceView>;

/** For `closesAtMs` see `draftClosesAtMs`. @param today a UTC date, at which debts have their age. */
export function invoiceView(invoice: InvoiceSummary, closesAtMs: number | null, today: string) {
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
    month: invoice.monthMs === null ? null : isoTimestamp(invoice.monthMs).slice(0, 7),
    from: isoTimestampOrNull(invoice.fromMs),
    to: isoTimestampOrNull(invoice.toMs),
    posts,
    amount: formatMoney(invoice.amountMinor, currency),
    currency,
    tax: formatMoney(invoice.taxMinor, currency),
    displayNumber: number === null ? null : printedNumber(invoice),
    sellerId: invoice.sellerId,
    paymentReference: invoice.document?.paymentReference ?? null,
    ...owedView(invoice.receivable, today),
    closesAt: isoTimestampOrNull(closesAtMs),
    billTo: invoice.billTo,
    approvedBy: invoice.approvedBy,
    approvedAt: isoTimestampOrNull(invoice.approvedAtMs),
    issuedAt: isoTimestampOrNull(invoice.issuedAtMs),
    rejection: rejectionView(invoice.rejection),
    createdAt: isoTimestamp(invoice.createdAtMs),
    updatedAt: isoTimestamp(invoice.updatedAtMs),
    unique: invoice.unique === null ? null : uniqueView(invoice.unique),
    contentHash: invoice.contentHash,
    usageHash: invoice.usageHash,
  };
}

interface OwedView {
  readonly payable: string | null;
  readonly balance: string | null;
  readonly dueOn: string | null;
  readonly label: ReceivableLabel | null;
  readonly overdueDays: number | null;
  readonly disputed: boolean;
}

/** What is owed on an issued invoice or supplement; null fields if nothing can be. */
function owedView(receivable: Receivable | null, today: string): OwedView {
  if (receivable === null) {
    return { payable: null, balance: null, dueOn: null, label: null, overdueDays: null, disputed: false };
  }
  const { payableMinor, balanceMinor, currency, dueOn } = receivable;
  const { label, overdueDays, isDisputed } = standingOf(receivable, today);
  return {
    payable: formatMoney(payableMinor, currency),
    balance: formatMoney(balanceMinor, currency),
    dueOn,
    label,
    overdueDays,
    disputed: isDisputed,
  };
}

function rejectionView(rejection: Rejection | null) {
  if (rejection === null) return null;
  const { by, atMs, reason } = rejection;
  return { by, at: isoTimestamp(atMs), reason };
}

/**
 * `versions` must contain the line's version. A line that deducts an issued invoice has the quantity -1 (a credit
 * note: 1) and the amount of that invoice as its price.
 */
export function lineView(line: InvoiceLine, currency: string, versions: readonly TariffVersion[]) {
  const { kind, offsetsInvoiceId, tariffVersionId, description, posts, rounding, peakPosts } = line;
  const tariff = kind === 'offset' ? null : versions.find(({ id }) => id === tariffVersionId)?.tariff;
  const damages = tariff?.kind === 'damages' ? tariff : null;
  return {
    kind,
    offsetsInvoiceId,
    tariffVersionId,
    description,
    from: isoTimestamp(line.fromMs),
    to: isoTimestamp(line.toMs),
    posts,
    ...priceView(line, currency),
    rounding,
    amount: formatMoney(line.amountMinor, currency),
    threshold: damages?.threshold ?? null,
    windowSeconds: damages?.windowSeconds ?? null,
    peakPosts,
    peakAt: isoTimestampOrNull(line.peakAtMs),
  };
}

/** The amount is `quantity` x `price` / `block`, rounded half up to the minor unit. */
function priceView(line: InvoiceLine, currency: string) {
  if (line.kind === 'offset') {
    const price = line.amountMinor < 0n ? -line.amountMinor : line.amountMinor;
    return { quantity: line.amountMinor < 0n ? -1 : 1, price: formatMoney(price, currency), block: 1 };
  }
  return { quantity: pricedPosts(line), price: formatMoney(line.priceMinor, currency), block: line.block };
}

/** Columns of the invoice table, in order. */
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
  ...(['tax', 'displayNumber', 'seller', 'paymentReference'] as const),
  ...(['payable', 'balance', 'due', 'label', 'overdueDays'] as const),
  ...UNIQUE_COLUMNS,
  'contentHash',
  'usageHash',
] as const;

/** Cells for `INVOICE_COLUMNS`. A credit note's amount is negative. `amount` excludes what is not owed. */
export function invoiceCells(invoice: InvoiceView): Cell[] {
  const isVoid = invoice.status === 'void' || invoice.status === 'rejected';
  return [
    // A serial number, not a count: no thousands separators.
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
    figure(invoice.tax),
    ...[invoice.displayNumber, invoice.sellerId, invoice.paymentReference],
    invoice.payable === null ? null : figure(invoice.payable),
    invoice.balance === null ? null : figure(invoice.balance),
    ...[invoice.dueOn, invoice.label, invoice.overdueDays],
    ...uniqueCells(invoice.unique),
    invoice.contentHash,
    invoice.usageHash,
  ];
}
