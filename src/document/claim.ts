/** Builds what shows a claim from the ledger's records as of its seal. Pure, so the same records give the same document. */

import type { WindowSeries } from '../chart/window-chart.ts';
import type { IssuedDocument } from '../invoice/document.ts';
import type { Breach, Invoice } from '../invoice/model.ts';
import type { UsageAsOf, UsageRow } from '../invoice/seal.ts';
import { chartRange, clientChart } from '../report/client-chart.ts';
import { countsUnique } from '../tariff/counted.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { timelineOf } from '../tariff/timeline.ts';
import { compute } from '../verify/recompute.ts';
import { rowsWithin } from '../verify/rows.ts';
import type { Claim, DocumentSeal, IdentifierShare, OffsetInvoice } from './input.ts';

/** The ledger's records of one invoice. */
export interface ClaimRecords {
  readonly invoice: Invoice;
  readonly document: IssuedDocument;
  readonly seal: DocumentSeal | null;
  readonly asOf: UsageAsOf;
  /** From one longest window before the stretch on, or the whole month. */
  readonly rows: readonly UsageRow[];
  readonly versions: readonly TariffVersion[];
  readonly identifiers: ReadonlyMap<string, Pick<IdentifierShare, 'kind' | 'hint'>>;
  readonly gaps: ReadonlyArray<{ readonly fromMs: number; readonly toMs: number }>;
  readonly offsets: Readonly<Record<string, OffsetInvoice>>;
  readonly issuedBy: string | null;
}

export function claimOf(records: ClaimRecords): Claim {
  const { invoice, document, seal, asOf, versions, offsets, issuedBy } = records;
  const breach = breachAsOf(records);
  const span = breach ?? asOf;
  const rows = rowsWithin(records.rows, span);
  const billed = new Set(invoice.lines.map(({ tariffVersionId }) => tariffVersionId));
  return {
    ...{ invoice, document, seal, breach, offsets, issuedBy },
    tariffs: versions.filter(({ id }) => billed.has(id)),
    chart: breach === null ? null : chartOf(records, breach),
    identifiers: sharesOf(rows, records.identifiers),
    gaps: records.gaps.filter(({ fromMs, toMs }) => fromMs < span.toMs && toMs > span.fromMs),
    usage: byBucket(rows),
    bucketSeconds: asOf.bucketSeconds,
  };
}

/** The breach that the rule finds in the sealed usage; null for a licence, or if no breach is left. */
function breachAsOf({ invoice, asOf, rows, versions }: ClaimRecords): Breach | null {
  const { clientId, breachId } = invoice;
  if (breachId === null) return null;
  const [found] = compute(clientId, rowsWithin(rows, asOf), asOf, versions).breaches;
  if (found === undefined) return null;
  const { windowMs, lines, ...facts } = found;
  return { ...facts, id: breachId, clientId, state: 'closed' };
}

/** Null under a tariff on unique posts, because the seal has no repeats of the window before the stretch. */
function chartOf({ invoice, asOf, rows, versions, gaps }: ClaimRecords, breach: Breach): WindowSeries | null {
  const { bucketSeconds } = asOf;
  const range = chartRange(asOf, bucketSeconds);
  const periods = timelineOf(invoice.clientId, versions, bucketSeconds);
  const touching = periods.filter(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs);
  if (touching.some(countsUnique)) return null;
  const posts = byBucket(rows).map(([bucketMs, count]) => ({ bucketMs, posts: count }));
  const { columns, thresholds, over } = clientChart(posts, periods, range, bucketSeconds);
  return {
    ...{ fromMs: range.fromMs, toMs: range.toMs },
    ...{ columns, thresholds, over },
    breaches: [{ fromMs: breach.fromMs, toMs: breach.toMs }],
    gaps: gaps.filter(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs),
    tariffsMs: touching.map(({ fromMs }) => fromMs).filter((atMs) => atMs > range.fromMs),
  };
}

/** The largest first. An identifier without a record is an address of an unknown caller. */
function sharesOf(rows: readonly UsageRow[], known: ClaimRecords['identifiers']): IdentifierShare[] {
  const posts = new Map<string, number>();
  for (const [, id, count] of rows) posts.set(id, (posts.get(id) ?? 0) + count);
  return [...posts]
    .sort(([a, most], [b, least]) => least - most || (a < b ? -1 : 1))
    .map(([id, count]) => ({
      ...(known.get(id) ?? { kind: 'address' as const, hint: id.replace(/^(addr|net):/, '') }),
      posts: count,
    }));
}

/** In order of time. */
function byBucket(rows: readonly UsageRow[]): [number, number][] {
  const sums = new Map<number, number>();
  for (const [bucketMs, , posts] of rows) sums.set(bucketMs, (sums.get(bucketMs) ?? 0) + posts);
  return [...sums].sort(([a], [b]) => a - b);
}
