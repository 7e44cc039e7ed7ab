/**
 * One client's usage of a time range under its present tariffs and under other terms. Both sides are the billing rule
 * over the same usage: what `postmeter rate` prints for it. Windows and months that reach beyond the range hold only
 * the usage within it. Amounts are of the whole range, before any invoice is deducted.
 */

import { findBreaches } from '../tariff/breach.ts';
import { licenceMonths } from '../tariff/licence.ts';
import type { RatedLine } from '../tariff/lines.ts';
import { cutToBuckets, type DeliveriesAt, type PostsAt } from '../tariff/posts.ts';
import { amountOf } from '../tariff/rating.ts';
import type { Basis, Rounding, Tariff, TariffVersion } from '../tariff/tariff.ts';
import { segmentsOf, timelineOf } from '../tariff/timeline.ts';
import { findStretches } from '../tariff/window.ts';
import { computeServed } from '../verify/recompute.ts';
import { type LimitedTariff, withLimit } from './limit.ts';

/** What tariffs come to. All fields add up over clients. */
export interface Charged {
  /** Clients with a breach, or with a month beyond what their licence includes. */
  readonly clients: number;
  readonly breaches: number;
  /** Months beyond what a licence includes. */
  readonly months: number;
  readonly billedPosts: number;
  /** Minor units by currency. */
  readonly amounts: Readonly<Record<string, bigint>>;
}

/** What the terms come to under one basis and rounding. */
export interface TermsReading {
  readonly basis: Basis | null;
  readonly rounding: Rounding;
  /** True for the terms themselves. */
  readonly isAsked: boolean;
  readonly billedPosts: number;
  readonly amountMinor: bigint;
}

/** What the terms come to with another limit (see limit.ts). */
export interface CurvePoint {
  readonly limit: number;
  readonly clients: number;
  readonly billedPosts: number;
  readonly amountMinor: bigint;
}

export interface ComparedClient {
  readonly clientId: string;
  /** Deliveries in the range. */
  readonly posts: number;
  /** The largest total of a window under the terms; under a licence, of a calendar month. */
  readonly peakPosts: number;
  readonly now: Charged;
  readonly tried: Charged;
}

export interface Comparison {
  readonly client: ComparedClient;
  readonly readings: readonly TermsReading[];
  readonly curve: readonly CurvePoint[];
}

export interface ComparisonInput {
  readonly clientId: string;
  /** Usage of the range, in order of time. */
  readonly served: readonly DeliveriesAt[];
  /** The client's own tariff versions and the default's. */
  readonly versions: readonly TariffVersion[];
  readonly terms: Tariff;
  /** The limits of the curve, see `curveLimits`. */
  readonly limits: readonly number[];
  readonly bucketSeconds: number;
}

interface Rated {
  readonly breaches: number;
  readonly months: number;
  readonly lines: readonly RatedLine[];
}

/** Yields after each pass over the usage, so that the caller can let other work run. */
export function* compareClient(input: ComparisonInput): Generator<undefined, Comparison> {
  const { clientId, served, versions, terms, bucketSeconds } = input;
  const posts = cutToBuckets(served, bucketSeconds);
  yield;
  const present = computeServed(clientId, served, versions, bucketSeconds);
  yield;
  const peakPosts = peakUnder(posts, input);
  yield;
  const readings: TermsReading[] = [];
  let tried: Rated = { breaches: 0, months: 0, lines: [] };
  for (const variant of basesOf(terms)) {
    const rated = ratedUnder(posts, variant, input);
    if (basisOf(variant) === basisOf(terms)) tried = rated;
    readings.push(...ROUNDINGS.map((rounding) => readingOf(rated, variant, rounding, terms)));
    yield;
  }
  const curve: CurvePoint[] = [];
  for (const limit of input.limits) {
    if (terms.kind === 'exempt' || peakPosts <= limit) {
      curve.push({ limit, clients: 0, billedPosts: 0, amountMinor: 0n });
      continue;
    }
    const { billedPosts, amountMinor } = billedOf(ratedUnder(posts, withLimit(terms, limit), input).lines);
    curve.push({ limit, clients: 1, billedPosts, amountMinor });
    yield;
  }
  const now = {
    breaches: present.breaches.length,
    months: present.months.filter(({ billedPosts }) => billedPosts > 0).length,
    lines: [...present.breaches, ...present.months].flatMap(({ lines }) => lines),
  };
  return {
    client: {
      clientId,
      posts: posts.reduce((sum, at) => sum + at.posts, 0),
      peakPosts,
      now: chargedOf(now),
      tried: chargedOf(tried),
    },
    readings,
    curve,
  };
}

/** The terms in force at all times, for every client without terms of its own. */
function always(tariff: Tariff): TariffVersion {
  return { id: 'what-if', clientId: null, version: 1, validFromMs: 0, tariff };
}

function periodsUnder(tariff: Tariff, { clientId, bucketSeconds }: ComparisonInput) {
  return timelineOf(clientId, [always(tariff)], bucketSeconds);
}

function ratedUnder(posts: readonly PostsAt[], tariff: Tariff, input: ComparisonInput): Rated {
  const periods = periodsUnder(tariff, input);
  const breaches = findBreaches(posts, periods, input.bucketSeconds);
  const months = licenceMonths(posts, periods, input.bucketSeconds).filter(
    ({ billedPosts }) => billedPosts > 0,
  );
  return {
    breaches: breaches.length,
    months: months.length,
    lines: [...breaches, ...months].flatMap(({ lines }) => lines),
  };
}

/** A threshold of 0 makes every window with posts a violating one, so the rule itself finds the largest. */
function peakUnder(posts: readonly PostsAt[], input: ComparisonInput): number {
  const { terms, bucketSeconds } = input;
  if (terms.kind === 'exempt') return 0;
  const periods = periodsUnder(withLimit(terms, 0), input);
  const totals =
    terms.kind === 'licence'
      ? licenceMonths(posts, periods, bucketSeconds).map((month) => month.posts)
      : segmentsOf(periods, bucketSeconds)
          .flatMap((segment) => findStretches(posts, segment, bucketSeconds * 1000))
          .map((stretch) => stretch.peakPosts);
  return totals.reduce((peak, total) => Math.max(peak, total), 0);
}

const ROUNDINGS: readonly Rounding[] = ['prorated', 'completed', 'started'];

function basesOf(terms: Tariff): LimitedTariff[] {
  if (terms.kind === 'exempt') return [];
  if (terms.kind === 'licence') return [terms];
  return [
    { ...terms, basis: 'all' },
    { ...terms, basis: 'excess' },
  ];
}

function basisOf(tariff: Tariff): Basis | null {
  return tariff.kind === 'damages' ? tariff.basis : null;
}

/** Each line is rounded once, so other roundings need no other lines. */
function readingOf(
  { lines }: Rated,
  variant: LimitedTariff,
  rounding: Rounding,
  terms: Tariff,
): TermsReading {
  return {
    basis: basisOf(variant),
    rounding,
    isAsked: terms.kind !== 'exempt' && basisOf(variant) === basisOf(terms) && rounding === terms.rounding,
    ...billedOf(lines.map((line) => ({ ...line, amountMinor: amountOf(line.posts, { ...line, rounding }) }))),
  };
}

function billedOf(lines: readonly RatedLine[]) {
  return {
    billedPosts: lines.reduce((sum, line) => sum + line.posts, 0),
    amountMinor: lines.reduce((sum, line) => sum + line.amountMinor, 0n),
  };
}

function chargedOf({ breaches, months, lines }: Rated): Charged {
  const amounts: Record<string, bigint> = {};
  for (const { currency, amountMinor } of lines) {
    amounts[currency] = (amounts[currency] ?? 0n) + amountMinor;
  }
  const { billedPosts } = billedOf(lines);
  return { clients: breaches + months > 0 ? 1 : 0, breaches, months, billedPosts, amounts };
}
