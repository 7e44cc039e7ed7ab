/** Converts rows of the book to its types. */

import { type SQL, sql } from 'drizzle-orm';
import type { Entry, Payment, Receivable, Refund } from '../../../receivable/model.ts';
import { invoices } from '../schema.ts';
import type { entries, payments, receivables, refunds } from './tables.ts';

export function entryOf({ at, ...rest }: typeof entries.$inferSelect): Entry {
  return { ...rest, atMs: at.getTime() };
}

export function entryRow({ atMs, ...rest }: Omit<Entry, 'id'>): typeof entries.$inferInsert {
  return { ...rest, at: new Date(atMs) };
}

export function paymentOf({ at, ...rest }: typeof payments.$inferSelect): Payment {
  return { ...rest, atMs: at.getTime() };
}

export function refundOf({ at, ...rest }: typeof refunds.$inferSelect): Refund {
  return { ...rest, atMs: at.getTime() };
}

export function receivableOf({ updatedAt, ...rest }: typeof receivables.$inferSelect): Receivable {
  return rest;
}

/** The number of an issued invoice as printed. */
export const DISPLAY_NUMBER: SQL<string> = sql`coalesce(${invoices.document}->>'displayNumber', ${invoices.number}::text)`;
