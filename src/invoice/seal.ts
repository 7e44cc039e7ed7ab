/**
 * The seal that an invoice gets when it is issued: a hash of the usage that it rests on, and one of all that it says,
 * with the tariff versions in force and the ends of all journals' chains. Who holds the second holds everything below it.
 */

import library from 'canonicalize';
import { z } from 'zod';
import type { Sha256 } from '../meter/chain/leaves.ts';
import type { UniqueCount } from '../report/unique.ts';
import { formatMoney } from '../tariff/money.ts';
import type { Invoice, InvoiceLine } from './model.ts';

/** JSON in its one spelling, RFC 8785. Its types name a default export that the module does not have. */
const canonicalize = library as unknown as (value: unknown) => string;

/** One row of usage as it is hashed: start of the bucket (epoch milliseconds UTC), identifier, posts (more than 0). */
export type UsageRow = readonly [bucketMs: number, identifierId: string, posts: number];

/** Deliveries of a bucket that were no first ones of their UTC day: what a tariff on unique posts leaves out. */
export type Repeats = readonly [bucketMs: number, posts: number];

/** On which state of the ledger an invoice rests: what is needed to compute it again, whatever came later. */
export interface UsageAsOf {
  /** The last sequence of each journal. */
  readonly journals: Readonly<Record<string, number>>;
  /** Hex of SHA-256 over the last hash of each journal's chain. */
  readonly chains: string;
  /** 0: none. */
  readonly lastMove: number;
  /** The stretch of the breach, or the calendar month; half open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketSeconds: number;
  /** The client's own and the default's, those that hold later too. */
  readonly tariffVersionIds: readonly string[];
  /** Only under a tariff on unique posts: the ids that they are known by are in no chain. */
  readonly repeats: readonly Repeats[];
}

const whole = z.int().min(0);

/** For what comes from outside, or may have been changed. */
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

/** A tariff version as the ledger keeps it. */
export interface SealedTariff {
  readonly id: string;
  readonly clientId: string | null;
  readonly version: number;
  readonly validFromMs: number;
  /** As JSON (src/tariff/terms.ts). */
  readonly terms: unknown;
}

export interface Sealed {
  readonly invoice: Invoice;
  readonly unique: UniqueCount | null;
  readonly usageHash: string;
  readonly asOf: UsageAsOf;
  /** Those of `asOf.tariffVersionIds`. */
  readonly tariffs: readonly SealedTariff[];
}

/** Hex of SHA-256 over the rows, sorted by bucket and identifier, in the spelling of RFC 8785. */
export function usageHash(rows: readonly UsageRow[], sha256: Sha256): string {
  return hashOf(rows.toSorted(byBucketAndName), sha256);
}

/** Hex of SHA-256 over what the invoice says and rests on, in the spelling of RFC 8785. */
export function contentHash(sealed: Sealed, sha256: Sha256): string {
  return hashOf(sealedContent(sealed), sha256);
}

/** `ends`: the hash of the last link of each journal, empty where it has none. */
export function chainsHash(ends: ReadonlyMap<string, Uint8Array>, sha256: Sha256): string {
  return hashOf(Object.fromEntries(Array.from(ends, ([id, hash]) => [id, hexOf(hash)])), sha256);
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sealedContent({ invoice, unique, usageHash: usage, asOf, tariffs }: Sealed) {
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
  };
}

function sealedLine(line: InvoiceLine, currency: string) {
  const { tariffVersionId, description, fromMs, toMs, posts, block, rounding, peakPosts, peakAtMs } = line;
  return {
    ...{ tariffVersionId, description, fromMs, toMs, posts, block, rounding, peakPosts, peakAtMs },
    price: formatMoney(line.priceMinor, currency),
    amount: formatMoney(line.amountMinor, currency),
  };
}

/** Who made it and why is the audit log's. */
function sealedTariff({ id, clientId, version, validFromMs, terms }: SealedTariff): SealedTariff {
  return { id, clientId, version, validFromMs, terms };
}

function hashOf(value: unknown, sha256: Sha256): string {
  return hexOf(sha256(new TextEncoder().encode(canonicalize(value))));
}

/** Names by code units, so that the order is the same wherever it is computed. */
function byBucketAndName([aMs, a]: UsageRow, [bMs, b]: UsageRow): number {
  if (aMs !== bMs) return aMs - bMs;
  return a < b ? -1 : a > b ? 1 : 0;
}
