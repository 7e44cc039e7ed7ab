/**
 * Alternative readings of the clause, with the amount for the same usage under each. A counterparty could argue for
 * any of them. Each changes one thing. Amounts are those of the whole breach or month, before earlier invoices are
 * deducted.
 */

import type { UsageAsOf, UsageRow } from '../invoice/seal.ts';
import type { UniqueCount } from '../meter/unique/count.ts';
import { rateLines, sumOfLines } from '../tariff/lines.ts';
import { formatMoney } from '../tariff/money.ts';
import { between, type PostsAt, periodAt, sumOf } from '../tariff/posts.ts';
import { amountOf } from '../tariff/rating.ts';
import type { Basis, Rounding, Tariff, TariffVersion } from '../tariff/tariff.ts';
import { isDamages, type Period, segmentsOf, timelineOf } from '../tariff/timeline.ts';
import { type ComputedBasis, compute } from '../verify/recompute.ts';
import { rowsWithin } from '../verify/rows.ts';

export interface Reading {
  readonly name: string;
  /** For people to read. */
  readonly sentence: string;
  readonly posts: number;
  /** Decimal text in the invoice's currency. */
  readonly amount: string;
  readonly isUsed: boolean;
}

export interface ReadingInput {
  readonly clientId: string;
  readonly currency: string;
  /** Start of the licensed month, or null for damages. `all`: every breach and month of the usage, as `postmeter rate`. */
  readonly monthMs: number | null | 'all';
  /** Usage of the whole UTC days that the breach or month touches. */
  readonly rows: readonly UsageRow[];
  readonly asOf: UsageAsOf;
  readonly versions: readonly TariffVersion[];
  readonly unique: UniqueCount | null;
}

/** One way to combine basis and rounding, which leaves the other terms as they are. */
export interface Combination {
  readonly basis: Basis;
  readonly rounding: Rounding;
  readonly posts: number;
  /** Decimal text in the currency of the input. */
  readonly amount: string;
  readonly isUsed: boolean;
}

interface Came {
  readonly posts: number;
  readonly amountMinor: bigint;
}

const DAY_MS = 86_400_000;
const HOUR_SECONDS = 3600;
type ChargedTariff = Exclude<Tariff, { kind: 'exempt' }>;

export function readingsOf(input: ReadingInput): Reading[] {
  const charged = inForce(input);
  const reading = (name: string, sentence: string, came: Came, isUsed = false): Reading => {
    const { posts, amountMinor } = came;
    return { name, sentence, posts, amount: formatMoney(amountMinor, input.currency), isUsed };
  };
  const readings = [
    reading('as_billed', 'The tariff as it was in force: what the invoice rests on.', changed(input), true),
  ];
  for (const [name, sentence, change] of CHANGES) {
    if (charged.every((tariff) => isSame(change(tariff), tariff))) continue;
    readings.push(reading(name, sentence, changed(input, change)));
  }
  if (charged.every((tariff) => tariff.kind === 'damages' && tariff.count === 'deliveries')) {
    readings.push(reading('calendar_days', CALENDAR_DAYS, byCalendarDay(input)));
    if (charged.every((tariff) => tariff.kind === 'damages' && tariff.windowSeconds % HOUR_SECONDS === 0)) {
      readings.push(reading('rolling_hours', ROLLING_HOURS, byHour(input)));
    }
  }
  const uniquely = byUniquePosts(input, charged);
  if (uniquely !== null) readings.push(reading('unique_posts', uniquely.sentence, uniquely));
  return readings;
}

/** The six combinations of basis and rounding. Empty if no tariff in force charges. */
export function combinationsOf(input: ReadingInput): Combination[] {
  const charged = inForce(input);
  if (charged.length === 0) return [];
  return BASES.flatMap((basis) =>
    ROUNDINGS.map((rounding) => {
      const change = (tariff: ChargedTariff) => ({ ...withBasis(tariff, basis), rounding });
      const { posts, amountMinor } = changed(input, change);
      const amount = formatMoney(amountMinor, input.currency);
      const isUsed = charged.every((tariff) => isSame(change(tariff), tariff));
      return { basis, rounding, posts, amount, isUsed };
    }),
  );
}

const BASES: readonly Basis[] = ['all', 'excess'];
const ROUNDINGS: readonly Rounding[] = ['prorated', 'completed', 'started'];

/** Checks compare the sentences of evidence files with these, so their wording must not change. */
const CHANGES: ReadonlyArray<readonly [string, string, (tariff: ChargedTariff) => ChargedTariff]> = [
  ['basis_all', 'Every post of the breach is owed for.', (tariff) => withBasis(tariff, 'all')],
  [
    'basis_excess',
    'Only posts beyond the threshold of each window are owed for.',
    (tariff) => withBasis(tariff, 'excess'),
  ],
  [
    'rounding_prorated',
    'Begun blocks of posts are charged in proportion.',
    (tariff) => ({ ...tariff, rounding: 'prorated' }),
  ],
  [
    'rounding_completed',
    'Only completed blocks of posts are charged.',
    (tariff) => ({ ...tariff, rounding: 'completed' }),
  ],
  [
    'rounding_started',
    'Each begun block of posts is charged whole.',
    (tariff) => ({ ...tariff, rounding: 'started' }),
  ],
  [
    'deliveries',
    'Each delivery of a post counts, the same post again too.',
    (tariff) => ({ ...tariff, count: 'deliveries' }),
  ],
];

const CALENDAR_DAYS =
  'A 24-hour period is a calendar day (UTC): every post of a day over the threshold is owed for.';
const ROLLING_HOURS = 'Windows begin on the full hour (UTC), not at any minute.';

function withBasis(tariff: ChargedTariff, basis: Basis): ChargedTariff {
  return tariff.kind === 'damages' ? { ...tariff, basis } : tariff;
}

function shown(tariff: ChargedTariff): unknown {
  return { ...tariff, priceMinor: String(tariff.priceMinor) };
}

function isSame(a: ChargedTariff, b: ChargedTariff): boolean {
  return JSON.stringify(shown(a)) === JSON.stringify(shown(b));
}

function isCharged(tariff: Tariff | null): tariff is ChargedTariff {
  return tariff !== null && tariff.kind !== 'exempt';
}

function periodsOf({ clientId, versions, asOf }: ReadingInput): Period[] {
  return timelineOf(clientId, versions, asOf.bucketSeconds);
}

/** The tariffs in force in the stretch or month. */
function inForce(input: ReadingInput): ChargedTariff[] {
  const { fromMs, toMs } = input.asOf;
  const periods = periodsOf(input).filter((period) => period.fromMs < toMs && period.toMs > fromMs);
  return periods.map(({ tariff }) => tariff).filter(isCharged);
}

function changed(
  input: ReadingInput,
  change: (tariff: ChargedTariff) => ChargedTariff = (tariff) => tariff,
): Came {
  const { clientId, asOf, rows, versions } = input;
  const others = versions.map((version) => ({
    ...version,
    tariff: isCharged(version.tariff) ? change(version.tariff) : version.tariff,
  }));
  return comesTo(compute(clientId, rowsWithin(rows, asOf), asOf, others), input);
}

function comesTo({ breaches, months }: ComputedBasis, { asOf, monthMs, currency }: ReadingInput): Came {
  const ofRange = breaches.filter(
    (breach) => breach.stretchFromMs < asOf.toMs && breach.stretchToMs > asOf.fromMs,
  );
  const ofMonth = months.filter((month) => monthMs === 'all' || month.monthMs === monthMs);
  const lines = [...(typeof monthMs === 'number' ? [] : ofRange), ...ofMonth].flatMap((one) => one.lines);
  const inCurrency = lines.filter((line) => line.currency === currency);
  const posts = inCurrency.reduce((sum, line) => sum + line.posts, 0);
  return { posts, amountMinor: sumOfLines(inCurrency) };
}

function byHour(input: ReadingInput): Came {
  const { clientId, rows, asOf, versions } = input;
  return comesTo(compute(clientId, rows, { ...asOf, bucketSeconds: HOUR_SECONDS }, versions), input);
}

/** Uses the highest threshold of the day, because doubt favours the client. */
function byCalendarDay(input: ReadingInput): Came {
  const { clientId, rows, asOf, versions, currency } = input;
  const { posts } = compute(clientId, rows, asOf, versions);
  const periods = periodsOf(input).filter(isDamages);
  const lines = segmentsOf(periods, asOf.bucketSeconds).flatMap((segment) => {
    const billed: PostsAt[] = [];
    for (let dayMs = Math.floor(asOf.fromMs / DAY_MS) * DAY_MS; dayMs < asOf.toMs; dayMs += DAY_MS) {
      const ofDay = between(posts, Math.max(dayMs, segment.fromMs), Math.min(dayMs + DAY_MS, segment.toMs));
      const held = segment.periods.filter((period) => period.fromMs < dayMs + DAY_MS && period.toMs > dayMs);
      const threshold = Math.max(0, ...held.map((period) => period.tariff.threshold));
      if (sumOf(ofDay) > threshold) billed.push(...ofDay);
    }
    const tariffAt = periodAt(segment.periods);
    const owed = billed.filter((at) => tariffAt(at.bucketMs).tariff.onThreshold !== 'refuse');
    return rateLines(owed, segment.periods, asOf.bucketSeconds * 1000);
  });
  const inCurrency = lines.filter((line) => line.currency === currency);
  const billedPosts = inCurrency.reduce((sum, line) => sum + line.posts, 0);
  return { posts: billedPosts, amountMinor: sumOfLines(inCurrency) };
}

/** Requires known ids and a single price. The result is never more than by deliveries. */
function byUniquePosts(
  input: ReadingInput,
  charged: readonly ChargedTariff[],
): (Came & { sentence: string }) | null {
  const { unique } = input;
  const [tariff] = charged;
  if (unique === null || tariff === undefined || charged.length !== 1) return null;
  if (tariff.count === 'unique' || tariff.kind !== 'damages' || tariff.basis !== 'all') return null;
  const posts = Math.min(changed(input).posts, unique.posts + unique.withoutId);
  const exact = unique.isExact ? 'exactly known' : 'an estimate with a standard error of 0.81 %';
  const sentence = `Each post counts once a UTC day (${exact}); ${unique.withoutId} deliveries without a known id count each.`;
  return { posts, amountMinor: amountOf(posts, tariff), sentence };
}
