/**
 * The JSON format of an evidence file, and its parser. Hashes are base64url; money is decimal digits of minor
 * units.
 */

import { z } from 'zod';
import { issuedDocumentSchema, UNDOCUMENTED } from '../invoice/document.ts';
import type { Invoice, InvoiceLine } from '../invoice/model.ts';
import { usageAsOfSchema } from '../invoice/seal.ts';

const whole = z.int().min(0);
const moment = z.int();
const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/, { error: 'is not a SHA-256 in base64url' });
const minor = z.string().regex(/^-?\d{1,40}$/);
const span = z.strictObject({ fromMs: moment, toMs: moment });

const line = z.strictObject({
  ...{ tariffVersionId: z.string(), description: z.string(), fromMs: moment, toMs: moment, posts: z.int() },
  ...{ priceMinor: minor, block: z.int().min(1), rounding: z.enum(['prorated', 'completed', 'started']) },
  ...{ amountMinor: minor, peakPosts: whole.nullable(), peakAtMs: moment.nullable() },
  /** Absent in files older than the two members. */
  kind: z.enum(['charge', 'offset', 'credit']).optional(),
  offsetsInvoiceId: z.string().nullable().optional(),
  /** Of a manual credit alone. */
  correctsLine: whole.optional(),
  reason: z.string().optional(),
});

const invoice = z.strictObject({
  ...{ id: z.string(), number: whole, kind: z.enum(['invoice', 'supplement', 'credit_note']) },
  ...{ status: z.literal('issued'), clientId: z.string(), breachId: z.string().nullable() },
  ...{
    monthMs: moment.nullable(),
    correctsId: z.string().nullable(),
    currency: z.string().regex(/^[A-Z]{3}$/),
  },
  ...{ amountMinor: minor, lines: z.array(line).min(1), approvedBy: z.string().nullable() },
  billTo: z
    .strictObject({
      ...{ legalName: z.string(), address: z.string(), email: z.string() },
      ...{ taxId: z.string().nullable(), currency: z.string() },
    })
    .nullable(),
  ...{
    approvedAtMs: moment.nullable(),
    issuedAtMs: moment.nullable(),
    createdAtMs: moment,
    updatedAtMs: moment,
  },
  /** Absent from invoices that are older than documents. */
  issued: z
    .strictObject({
      ...{ origin: z.enum(['billing', 'manual']), series: z.string(), sellerId: z.string() },
      ...{ taxMinor: minor, document: issuedDocumentSchema },
    })
    .optional(),
});

const tariff = z.strictObject({
  ...{ id: z.string(), clientId: z.string().nullable(), version: whole, validFromMs: moment },
  ...{ terms: z.record(z.string(), z.unknown()).nullable() },
  ...{ createdAtMs: moment, createdBy: z.string(), reason: z.string() },
});

const leafRow = z.tuple([moment, whole, whole, whole, whole, whole]);
const leaf = z.tuple([z.string(), z.string(), z.array(leafRow)]);
/** A leaf in the tree of its batch: its index, its hashing key, and the sibling hashes on the path to the root. */
const shownLeaf = z.strictObject({ index: whole, key: hash, leaf, proof: z.array(hash) });
const gap = z.tuple([moment, moment, whole, whole]);

/** A batch with leaves of the client, or only its root. `kind` is omitted for usage, `gaps` if there are none. */
const link = z.strictObject({
  firstSequence: whole,
  lastSequence: whole,
  takenAtMs: moment,
  kind: z.literal('lost').optional(),
  gaps: z.array(gap).optional(),
  root: hash.optional(),
  leafCount: whole.optional(),
  leaves: z.array(shownLeaf).min(1).optional(),
});

/** A configuration and the record of a journal from which it applied. */
const configuration = z.strictObject({
  ...{ sequence: whole, hash: z.string(), version: z.string(), fromMs: moment },
});

/** The policy and the registry of rights that decided from a record of a journal on. */
const epoch = z.strictObject({
  ...{ sequence: whole, policyVersion: whole, rightsSequence: whole, atMs: moment },
});

/** The links of a journal's chain from `previous` to `end`. */
const chain = z.strictObject({
  journalId: z.string(),
  previous: hash,
  links: z.array(link).min(1),
  end: hash,
  /**
   * The configurations under which its records were metered. Absent for records chained before configurations were
   * recorded.
   */
  configurations: z.array(configuration).optional(),
  /** Absent for records chained before the first policy. */
  epochs: z.array(epoch).optional(),
});

export const evidenceSchema = z.strictObject({
  postmeterEvidence: z.literal(1),
  madeAtMs: moment,
  invoice,
  unique: z.strictObject({ posts: whole, isExact: z.boolean(), withoutId: whole }).nullable(),
  contentHash: z.string(),
  usageHash: z.string(),
  asOf: usageAsOfSchema,
  /** Invoices issued earlier that this one deducts. */
  earlier: z.array(invoice),
  breach: z.record(z.string(), z.unknown()).nullable(),
  /** The whole UTC days of the stretch or month. */
  span,
  /** Start of the bucket, identifier, posts. */
  usage: z.array(z.tuple([moment, z.string(), whole])),
  tariffs: z.array(tariff),
  /** The clauses that the billed tariffs name. In files older than the field, the reasons given for the tariffs. */
  clause: z.array(z.string()),
  /**
   * How posts were counted, from the configuration given with the command; applies to usage without a recorded one.
   */
  rules: z.record(z.string(), z.unknown()),
  /** The recorded configurations that `chains` name, by hash. The text is null if no gateway sent it. */
  configurations: z.array(z.strictObject({ hash: z.string(), content: z.string().nullable() })).optional(),
  /** The policies that `chains` name, by version. `sha256` is over the canonical JSON of the document. */
  policies: z
    .array(
      z.strictObject({
        version: whole,
        validFromMs: moment,
        sha256: z.string(),
        document: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
  moves: z.array(
    z.strictObject({
      ...{ identifierId: z.string(), fromClientId: z.string(), toClientId: z.string() },
      ...{ fromMs: moment, toMs: moment.nullable() },
    }),
  ),
  /** Usage from before the ledger chained its batches, without proof. Client, identifier, bucket, posts. */
  opening: z.array(z.tuple([z.string(), z.string(), moment, whole])),
  chains: z.array(chain),
  /** What gateways served in the span and could not meter; never billed. Journal, first, last, responses, posts. */
  gaps: z.array(z.tuple([z.string(), moment, moment, whole, whole])),
  readings: z.array(
    z.strictObject({
      ...{ name: z.string(), sentence: z.string(), posts: whole, amount: z.string(), isUsed: z.boolean() },
    }),
  ),
});

export type Evidence = z.output<typeof evidenceSchema>;
export type EvidenceChain = z.output<typeof chain>;
export type EvidenceLink = z.output<typeof link>;
export type InvoiceJson = z.output<typeof invoice>;

export function invoiceJson(given: Invoice): InvoiceJson {
  // An issued invoice has no rejection.
  const { amountMinor, lines, rejection, approverTokenId, ...rest } = given;
  const { origin, series, sellerId, taxMinor, document, ...same } = rest;
  const issued = { origin, series, sellerId: sellerId ?? '', taxMinor: String(taxMinor) };
  return {
    ...same,
    number: given.number ?? 0,
    status: 'issued',
    amountMinor: String(amountMinor),
    lines: lines.map(lineJson),
    ...(document === null ? {} : { issued: { ...issued, document } }),
  };
}

function lineJson({ priceMinor, amountMinor, correctsLine, reason, ...same }: InvoiceLine) {
  return {
    ...same,
    priceMinor: String(priceMinor),
    amountMinor: String(amountMinor),
    ...(correctsLine === null ? {} : { correctsLine }),
    ...(reason === null ? {} : { reason }),
  };
}

/** `earlier` are the earlier invoices of the file. */
export function invoiceFrom(
  { amountMinor, lines, issued, ...same }: InvoiceJson,
  earlier: readonly InvoiceJson[],
): Invoice {
  return {
    ...same,
    ...UNDOCUMENTED,
    ...issued,
    taxMinor: BigInt(issued?.taxMinor ?? 0),
    rejection: null,
    amountMinor: BigInt(amountMinor),
    lines: lines.map((line) => ({
      ...line,
      ...kindOf(line, earlier),
      correctsLine: line.correctsLine ?? null,
      reason: line.reason ?? null,
      priceMinor: BigInt(line.priceMinor),
      amountMinor: BigInt(line.amountMinor),
    })),
  };
}

/** Files older than `kind` name the invoice that a line offsets only in its text, by its number. */
function kindOf(
  { kind, offsetsInvoiceId = null, priceMinor, description }: z.output<typeof line>,
  earlier: readonly InvoiceJson[],
): Pick<InvoiceLine, 'kind' | 'offsetsInvoiceId'> {
  if (kind !== undefined) return { kind, offsetsInvoiceId };
  const [, number] = /^Less (?:invoice|supplement|credit note) (\d+)$/.exec(description) ?? [];
  if (number === undefined || priceMinor !== '0') return { kind: 'charge', offsetsInvoiceId: null };
  const offset = earlier.find((one) => one.number === Number(number));
  return { kind: 'offset', offsetsInvoiceId: offset?.id ?? null };
}
