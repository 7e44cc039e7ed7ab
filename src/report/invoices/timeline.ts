/** The history of one invoice as a list by time: its breach or month, the decisions about it, and its corrections. */

import type { Breach, Invoice } from '../../invoice/model.ts';
import { nextMonth } from '../../tariff/licence.ts';

/** A row of the audit log about the invoice. */
export interface InvoiceAudit {
  readonly atMs: number;
  readonly actor: string;
  /** `invoice.approved`, ... */
  readonly action: string;
  readonly reason: string | null;
}

/** An invoice that corrects this one. */
export type Correction = Pick<Invoice, 'id' | 'number' | 'kind' | 'createdAtMs' | 'issuedAtMs'>;

export interface InvoiceHistory {
  readonly invoice: Omit<Invoice, 'lines'>;
  readonly breach: Breach | null;
  /** Oldest first. */
  readonly audit: readonly InvoiceAudit[];
  readonly corrections: readonly Correction[];
}

export interface InvoiceEvent {
  readonly atMs: number;
  /** `breach_began`, `drafted`, `approved`, `issued`, `correction_issued`, ...: see `invoiceTimeline`. */
  readonly kind: string;
  /** True if it has not happened yet. */
  readonly isPlanned: boolean;
  readonly actor: string | null;
  readonly reason: string | null;
  /** The number given, or the number of a correction. */
  readonly number: number | null;
  /** The other invoice. */
  readonly invoiceId: string | null;
  /** The total at the peak. */
  readonly posts: number | null;
}

const NOTHING = { isPlanned: false, actor: null, reason: null, number: null, invoiceId: null, posts: null };

/**
 * Entries in order of time; those of one time in the order in which they happen.
 * @param closesAtMs when the breach or month closes; null if that is unknown.
 */
export function invoiceTimeline(
  history: InvoiceHistory,
  closesAtMs: number | null,
  nowMs: number,
): InvoiceEvent[] {
  const { invoice, audit, corrections } = history;
  const entries = [
    ...periodOf(history),
    entry(invoice.createdAtMs, 'drafted', { invoiceId: invoice.correctsId }),
    ...(closesAtMs === null
      ? []
      : [entry(closesAtMs, closesAtMs > nowMs ? 'closes' : 'closed', { isPlanned: closesAtMs > nowMs })]),
    ...audit.map(({ atMs, action, actor, reason }) => {
      const kind = action.replace(/^invoice\./, '').replace('.', '_');
      return entry(atMs, kind, { actor, reason, number: kind === 'issued' ? invoice.number : null });
    }),
    ...corrections.flatMap(correctionEntries),
  ];
  // The sort is stable, so entries of the same time keep this order.
  return entries.sort((a, b) => a.atMs - b.atMs);
}

function periodOf({ invoice, breach }: InvoiceHistory): InvoiceEvent[] {
  if (breach !== null) {
    const began = entry(breach.fromMs, 'breach_began');
    const peak = entry(breach.peakAtMs, 'peak', { posts: breach.peakPosts });
    return breach.state === 'open' ? [began, peak] : [began, peak, entry(breach.toMs, 'breach_ended')];
  }
  if (invoice.monthMs === null) return [];
  return [entry(invoice.monthMs, 'month_began'), entry(nextMonth(invoice.monthMs), 'month_ended')];
}

function correctionEntries({ id, number, createdAtMs, issuedAtMs }: Correction): InvoiceEvent[] {
  const drafted = entry(createdAtMs, 'correction_drafted', { invoiceId: id });
  if (issuedAtMs === null) return [drafted];
  return [drafted, entry(issuedAtMs, 'correction_issued', { invoiceId: id, number })];
}

function entry(atMs: number, kind: string, more: Partial<InvoiceEvent> = {}): InvoiceEvent {
  return { ...NOTHING, atMs, kind, ...more };
}
