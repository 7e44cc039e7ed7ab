/** Recomputes an issued invoice by the billing rule, from its usage, tariffs and earlier invoices. */

import { planDrafts } from '../invoice/draft.ts';
import { byIssue } from '../invoice/issued-order.ts';
import { damagesLines } from '../invoice/lines.ts';
import { isInMatterOf } from '../invoice/matter.ts';
import type { Invoice, InvoiceLine } from '../invoice/model.ts';
import { duesOf } from '../invoice/plan.ts';
import type { SealedTariff, UsageAsOf, UsageRow } from '../invoice/seal.ts';
import { findBreaches, type RatedBreach } from '../tariff/breach.ts';
import { countedPosts } from '../tariff/counted.ts';
import { licenceMonths, type RatedMonth } from '../tariff/licence.ts';
import { cutToBuckets, type DeliveriesAt, type PostsAt } from '../tariff/posts.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { parseStoredTariff } from '../tariff/terms.ts';
import { timelineOf } from '../tariff/timeline.ts';
import { type Finding, finding } from './finding.ts';

/** The basis of an invoice: posts per bucket as its tariffs count them, and the breaches and months of the rule. */
export interface ComputedBasis {
  readonly posts: readonly PostsAt[];
  readonly breaches: readonly RatedBreach[];
  readonly months: readonly RatedMonth[];
}

/** Returns null if any terms are not a valid tariff. */
export function tariffVersionsOf(tariffs: readonly SealedTariff[]): TariffVersion[] | null {
  try {
    return tariffs.map(({ terms, ...version }) => ({
      ...version,
      tariff: parseStoredTariff(terms, version.id),
    }));
  } catch {
    return null;
  }
}

/**
 * The usage of the stretch is enough: it contains every violating window completely, and the excess limiter refuses
 * nothing in the first window after its start (see src/invoice/recompute-from.ts).
 */
export function compute(
  clientId: string,
  rows: readonly UsageRow[],
  asOf: UsageAsOf,
  versions: readonly TariffVersion[],
): ComputedBasis {
  return computeServed(clientId, servedOf(rows, asOf), versions, asOf.bucketSeconds);
}

/** `versions` are the client's own and the default's. */
export function computeServed(
  clientId: string,
  served: readonly DeliveriesAt[],
  versions: readonly TariffVersion[],
  bucketSeconds: number,
): ComputedBasis {
  const periods = timelineOf(clientId, versions, bucketSeconds);
  const posts = cutToBuckets(countedPosts(served, periods), bucketSeconds);
  return {
    posts,
    breaches: findBreaches(posts, periods, bucketSeconds),
    months: licenceMonths(posts, periods, bucketSeconds),
  };
}

/**
 * Returns the issued invoices that this one deducts: those that its lines offset, and all earlier ones of the same breach or
 * month.
 */
export function earlierOf(invoice: Invoice, issued: readonly Invoice[]): Invoice[] {
  return issued.filter((one) => byIssue(one, invoice) < 0 && isInMatterOf(one, invoice));
}

/** Returns how the invoice differs from the rule's result for `computed`, minus the earlier invoices. */
export function invoiceDifferences(
  invoice: Invoice,
  computed: ComputedBasis,
  earlier: readonly Invoice[],
  subject: string,
): Finding[] {
  // The rule does not make it. Its lines are checked by `lineFindings`.
  if (invoice.origin === 'manual') return [];
  const { clientId, breachId, monthMs, currency } = invoice;
  const dues =
    monthMs === null
      ? computed.breaches.map((breach) => ({ currency: breach.currency, lines: damagesLines(breach) }))
      : duesOf(computed.months.find((month) => month.monthMs === monthMs));
  const drafts = planDrafts({ clientId, breachId, monthMs }, dues, earlier, () => invoice.id, 0);
  const wanted = drafts.invoices.find((draft) => draft.currency === currency);
  if (wanted === undefined)
    return [finding('invoice_differs', subject, 'nothing to charge', amountOf(invoice))];
  const differs = (what: string, expected: unknown, found: unknown) =>
    expected === found ? [] : [finding('invoice_differs', `${subject} ${what}`, expected, found)];
  return [
    ...differs('kind', wanted.kind, invoice.kind),
    ...differs('corrects', wanted.correctsId, invoice.correctsId),
    ...differs('amount', amountOf(wanted), amountOf(invoice)),
    ...differs('lines', linesOf(wanted), linesOf(invoice)),
  ];
}

function servedOf(rows: readonly UsageRow[], asOf: UsageAsOf): DeliveriesAt[] {
  const repeats = new Map(asOf.repeats);
  const byBucket = new Map<number, number>();
  for (const [bucketMs, , posts] of rows) byBucket.set(bucketMs, (byBucket.get(bucketMs) ?? 0) + posts);
  return Array.from(byBucket, ([bucketMs, posts]) => ({
    bucketMs,
    posts,
    uniquePosts: posts - (repeats.get(bucketMs) ?? 0),
  }));
}

function amountOf({ amountMinor, currency }: Invoice): string {
  return `${amountMinor} minor units of ${currency}`;
}

/** Leaves out descriptions, whose wording may change over time. The content hash covers them. */
function linesOf({ lines }: Invoice): string {
  return JSON.stringify(lines.map(figuresOf));
}

function figuresOf({ description, priceMinor, amountMinor, ...rest }: InvoiceLine) {
  const {
    kind,
    offsetsInvoiceId,
    tariffVersionId,
    fromMs,
    toMs,
    posts,
    block,
    rounding,
    peakPosts,
    peakAtMs,
  } = rest;
  const money = [String(priceMinor), block, rounding, String(amountMinor)];
  return [kind, offsetsInvoiceId, tariffVersionId, fromMs, toMs, posts, ...money, peakPosts, peakAtMs];
}
