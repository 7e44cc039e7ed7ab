/** Converts breaches, invoices and tariffs between billing's types and the ledger's rows. */

import type { BillingDetails, Breach, Invoice, InvoiceLine } from '../../../invoice/model.ts';
import type { UniqueCount } from '../../../meter/unique/count.ts';
import type { TariffVersion } from '../../../tariff/tariff.ts';
import { parseStoredTariff } from '../../../tariff/terms.ts';
import type { breaches, invoiceLines, invoices, tariffVersions } from '../schema.ts';

type LineRow = typeof invoiceLines.$inferSelect;

export function breachOf(row: typeof breaches.$inferSelect): Breach {
  const { id, clientId, posts, billedPosts, unbilledReason, peakPosts, amountMinor, currency, state } = row;
  return {
    id,
    clientId,
    stretchFromMs: row.stretchFrom.getTime(),
    stretchToMs: row.stretchTo.getTime(),
    fromMs: row.fromAt.getTime(),
    toMs: row.toAt.getTime(),
    posts,
    billedPosts,
    unbilledReason,
    peakPosts,
    peakAtMs: row.peakAt.getTime(),
    amountMinor,
    currency,
    state,
  };
}

export function breachRow(breach: Breach, nowMs: number): typeof breaches.$inferInsert {
  const { stretchFromMs, stretchToMs, fromMs, toMs, peakAtMs, ...same } = breach;
  return {
    ...same,
    stretchFrom: new Date(stretchFromMs),
    stretchTo: new Date(stretchToMs),
    fromAt: new Date(fromMs),
    toAt: new Date(toMs),
    peakAt: new Date(peakAtMs),
    updatedAt: new Date(nowMs),
  };
}

/** `lines` must be in the order of their positions. */
export function invoiceOf(row: typeof invoices.$inferSelect, lines: readonly LineRow[]): Invoice {
  const { monthAt, approvedAt, issuedAt, createdAt, updatedAt, billTo, ...kept } = row;
  const { uniquePosts, contentHash, usageHash, usageAsOf, ...same } = kept;
  return {
    ...same,
    monthMs: monthAt?.getTime() ?? null,
    lines: lines.map(lineOf),
    billTo: billTo === null ? null : detailsOf(billTo),
    approvedAtMs: approvedAt?.getTime() ?? null,
    issuedAtMs: issuedAt?.getTime() ?? null,
    createdAtMs: createdAt.getTime(),
    updatedAtMs: updatedAt.getTime(),
  };
}

export function invoiceRow(invoice: Invoice): typeof invoices.$inferInsert {
  const { lines, monthMs, approvedAtMs, issuedAtMs, createdAtMs, updatedAtMs, billTo, ...same } = invoice;
  return {
    ...same,
    billTo: billTo === null ? null : { ...billTo },
    monthAt: momentOf(monthMs),
    approvedAt: momentOf(approvedAtMs),
    issuedAt: momentOf(issuedAtMs),
    createdAt: new Date(createdAtMs),
    updatedAt: new Date(updatedAtMs),
  };
}

export function lineRows(invoice: Invoice): (typeof invoiceLines.$inferInsert)[] {
  return invoice.lines.map(({ fromMs, toMs, peakAtMs, ...same }, position) => ({
    ...same,
    invoiceId: invoice.id,
    position,
    fromAt: new Date(fromMs),
    toAt: new Date(toMs),
    peakAt: momentOf(peakAtMs),
  }));
}

export function tariffVersionOf(row: typeof tariffVersions.$inferSelect): TariffVersion {
  const { id, clientId, version, validFrom, terms } = row;
  return { id, clientId, version, validFromMs: validFrom.getTime(), tariff: parseStoredTariff(terms, id) };
}

function lineOf(row: LineRow): InvoiceLine {
  const { invoiceId, position, fromAt, toAt, peakAt, ...same } = row;
  return {
    ...same,
    fromMs: fromAt.getTime(),
    toMs: toAt.getTime(),
    peakAtMs: peakAt?.getTime() ?? null,
  };
}

function detailsOf(billTo: Record<string, unknown>): BillingDetails {
  const text = (name: string) => (typeof billTo[name] === 'string' ? billTo[name] : '');
  return {
    legalName: text('legalName'),
    address: text('address'),
    email: text('email'),
    taxId: typeof billTo.taxId === 'string' ? billTo.taxId : null,
    currency: text('currency'),
  };
}

/** The unique posts frozen into an invoice at issue; null if there are none or they cannot be read. */
export function frozenUnique(kept: Record<string, unknown> | null): UniqueCount | null {
  const { posts, withoutId } = kept ?? {};
  if (typeof posts !== 'number' || typeof withoutId !== 'number') return null;
  return { posts, isExact: kept?.isExact === true, withoutId };
}

function momentOf(atMs: number | null): Date | null {
  return atMs === null ? null : new Date(atMs);
}
