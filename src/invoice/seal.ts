/**
 * The seal of an issued invoice: a hash of the usage behind it, and a hash of its content, the tariff versions in
 * force and the ends of all journals' chains. The second hash commits to everything below it.
 */

import library from 'canonicalize';
import { z } from 'zod';
import type { Sha256 } from '../meter/chain/leaves.ts';
import type { UniqueCount } from '../meter/unique/count.ts';
import { formatMoney } from '../tariff/money.ts';
import type { Invoice, InvoiceLine } from './model.ts';

/** Canonical JSON, RFC 8785. The package's types declare a default export that the module does not have. */
const canonicalize = library as unknown as (value: unknown) => string;

/** One hashed row of usage: start of the bucket (epoch milliseconds UTC), identifier, posts (more than 0). */
export type UsageRow = readonly [bucketMs: number, identifierId: string, posts: number];

/** Deliveries of a bucket that repeat a post of the same UTC day. A tariff on unique posts leaves them out. */
export type Repeats = readonly [bucketMs: number, posts: number];

/** The state of the ledger behind an invoice: what is needed to recompute it, whatever arrived later. */
export interface UsageAsOf {
  /** The last sequence of each journal. */
  readonly journals: Readonly<Record<string, number>>;
  /** Hex SHA-256 of the last hash of each journal's chain. */
  readonly chains: string;
  /** 0 if there is none. */
  readonly lastMove: number;
  /** The stretch of the breach, or the calendar month; half open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketSeconds: number;
  /** The client's own versions and the default's, including later ones. */
  readonly tariffVersionIds: readonly string[];
  /** Only under a tariff on unique posts, because no chain contains the post ids. */
  readonly repeats: readonly Repeats[];
}

const whole = z.int().min(0);

/** For input from outside, or input that may have been changed. */
export const usageAsOfSchema = z.strictObject({
  journals: z.record(z.string(), whole),
  chains: z.string(),
  lastMove: whole,
  fromMs: z.int(),
  toMs: z.int(),
  bucketSeconds: z.int().min(1).max(3600),
  tariffVersionIds: z.array(z.string()),
  repeats: z.array(z.tuple([z.int(), whole])),
});

/** A tariff version as stored in the ledger. */
export interface SealedTariff {
  readonly id: string;
  readonly clientId: string | null;
  readonly version: number;
  readonly validFromMs: number;
  /** JSON (src/tariff/terms.ts). */
  readonly terms: unknown;
}

export interface SealedInvoice {
  readonly invoice: Invoice;
  readonly unique: UniqueCount | null;
  readonly usageHash: string;
  readonly asOf: UsageAsOf;
  /** The versions of `asOf.tariffVersionIds`. */
  readonly tariffs: readonly SealedTariff[];
}

/** The columns of an invoice that only its issue writes. */
export interface Seal {
  readonly contentHash: string;
  readonly usageHash: string;
  readonly usageAsOf: UsageAsOf;
  /** The count of unique posts, which later usage must not change; null if it is not known. */
  readonly unique: UniqueCount | null;
}

/** Hex SHA-256 of the rows, sorted by bucket and identifier, as RFC 8785 JSON. */
export function usageHash(rows: readonly UsageRow[], sha256: Sha256): string {
  return hashOf(rows.toSorted(byBucketAndName), sha256);
}

/** Hex SHA-256 of the invoice's content and of what it rests on, as RFC 8785 JSON. */
export function contentHash(sealed: SealedInvoice, sha256: Sha256): string {
  return hashOf(sealedContent(sealed), sha256);
}

/** `ends`: hash of the last link of each journal, empty if it has none. */
export function chainsHash(ends: ReadonlyMap<string, Uint8Array>, sha256: Sha256): string {
  return hashOf(Object.fromEntries(Array.from(ends, ([id, hash]) => [id, hexOf(hash)])), sha256);
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sealedContent({ invoice, unique, usageHash: usage, asOf, tariffs }: SealedInvoice) {
  const { number, kind, clientId, breachId, correctsId, currency, billTo, approvedBy } = invoice;
  return {
    ...{ number, kind, clientId, breachId, correctsId, currency, billTo, approvedBy },
    month: invoice.monthMs,
    amount: formatMoney(invoice.amountMinor, currency),
    lines: invoice.lines.map((line) => sealedLine(line, currency)),
    approvedAt: invoice.approvedAtMs,
    issuedAt: invoice.issuedAtMs,
    unique,
    usageHash: usage,
    asOf,
    tariffs: tariffs.map(sealedTariff).sort((a, b) => (a.id < b.id ? -1 : 1)),
    ...documentOf(invoice),
  };
}

/** Absent from seals that are older than documents. */
function documentOf({ document, series, origin, sellerId, taxMinor, currency }: Invoice) {
  if (document === null) return {};
  return { document, series, origin, sellerId, tax: formatMoney(taxMinor, currency) };
}

/** Leaves out `kind` and `offsetsInvoiceId`, which are younger than the first seals. The rule recomputes them. */
function sealedLine(line: InvoiceLine, currency: string) {
  const { tariffVersionId, description, fromMs, toMs, posts, block, rounding, peakPosts, peakAtMs } = line;
  return {
    ...{ tariffVersionId, description, fromMs, toMs, posts, block, rounding, peakPosts, peakAtMs },
    price: formatMoney(line.priceMinor, currency),
    amount: formatMoney(line.amountMinor, currency),
    ...(line.kind === 'credit' && { correctsLine: line.correctsLine, reason: line.reason }),
  };
}

/** Leaves out the author and the reason, which are in the audit log. */
function sealedTariff({ id, clientId, version, validFromMs, terms }: SealedTariff): SealedTariff {
  return { id, clientId, version, validFromMs, terms };
}

function hashOf(value: unknown, sha256: Sha256): string {
  return hexOf(sha256(new TextEncoder().encode(canonicalize(value))));
}

/** Compares names by code units, so that the order is the same on every machine. */
function byBucketAndName([aMs, a]: UsageRow, [bMs, b]: UsageRow): number {
  if (aMs !== bMs) return aMs - bMs;
  return a < b ? -1 : a > b ? 1 : 0;
}
