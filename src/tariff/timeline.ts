/**
 * The tariff versions in force for one client over time, and the segments in which windows may lie.
 *
 * A version applies to the buckets from its `validFromMs` until the next version; of two with the same start, the
 * higher number applies. A client's own version takes precedence over the default one; own terms of null return to
 * the default. Nothing is billed before the first version. Only buckets under a `damages` version take part in
 * windows. Consecutive damages versions with the same count, window, basis and currency form one segment. A change
 * of one of these, or a licence or exempt version between them, starts a new segment, and no window crosses the
 * boundary of its segment.
 */

import { isPrefix } from '../meter/client-id.ts';
import {
  type DamagesTariff,
  DEFAULT_WINDOW_MS,
  type LicenceTariff,
  type Tariff,
  type TariffVersion,
} from './tariff.ts';

/** One version in force over [fromMs, toMs). The last period has no end (Infinity). */
export interface Period<T extends Tariff = Tariff> {
  readonly fromMs: number;
  readonly toMs: number;
  readonly versionId: string;
  readonly tariff: T;
}

/** A span of time in which all windows have the same length. */
export interface TimelineSegment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly windowMs: number;
  readonly periods: readonly Period<DamagesTariff>[];
}

/**
 * Returns a client's periods in order of time, omitting spans without a tariff. Ignores other clients' versions.
 * Empty for an address range, because no single caller in it has committed a breach.
 */
export function timelineOf(
  clientId: string,
  versions: readonly TariffVersion[],
  bucketSeconds: number,
): Period[] {
  if (isPrefix(clientId)) return [];
  const own = inOrder(versions.filter((version) => version.clientId === clientId));
  const general = inOrder(versions.filter((version) => version.clientId === null));
  const moments = [...new Set([...own, ...general].map((version) => firstBucket(version, bucketSeconds)))];
  moments.sort((a, b) => a - b);

  const periods: Period[] = [];
  const ownAt = walk(own, bucketSeconds);
  const generalAt = walk(general, bucketSeconds);
  for (const [index, fromMs] of moments.entries()) {
    const ownVersion = ownAt(fromMs);
    const generalVersion = generalAt(fromMs);
    const version = ownVersion?.tariff ? ownVersion : generalVersion;
    if (!version?.tariff) continue;
    const toMs = moments[index + 1] ?? Number.POSITIVE_INFINITY;
    addPeriod(periods, { fromMs, toMs, versionId: version.id, tariff: version.tariff });
  }
  return periods;
}

/** Returns the segments of a timeline in order of time. */
export function segmentsOf(periods: readonly Period[], bucketSeconds: number): TimelineSegment[] {
  const runs: Period<DamagesTariff>[][] = [];
  for (const period of periods) {
    if (!isDamages(period)) continue;
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last?.toMs === period.fromMs && sameWindows(last, period)) run.push(period);
    else runs.push([period]);
  }
  return runs.map((run) => ({
    fromMs: run[0]!.fromMs,
    toMs: run.at(-1)!.toMs,
    windowMs: windowMsOf(run[0]!.tariff, bucketSeconds),
    periods: run,
  }));
}

/**
 * The window of a client's rolling total, truncated to whole buckets, at least one: a shorter window can only favour
 * the client. A tariff without windows has the default one.
 */
export function windowMsOf(tariff: Tariff, bucketSeconds: number): number {
  if (tariff.kind !== 'damages') return DEFAULT_WINDOW_MS;
  return Math.max(1, Math.floor(tariff.windowSeconds / bucketSeconds)) * bucketSeconds * 1000;
}

export function isDamages(period: Period): period is Period<DamagesTariff> {
  return period.tariff.kind === 'damages';
}

export function isLicence(period: Period): period is Period<LicenceTariff> {
  return period.tariff.kind === 'licence';
}

function inOrder(versions: readonly TariffVersion[]): TariffVersion[] {
  return versions.toSorted((a, b) => a.validFromMs - b.validFromMs || a.version - b.version);
}

/** A version that starts within a bucket applies from the next one, so each bucket has one version. */
function firstBucket(version: TariffVersion, bucketSeconds: number): number {
  const lengthMs = bucketSeconds * 1000;
  return Math.ceil(version.validFromMs / lengthMs) * lengthMs;
}

/** Returns the version in force at a moment. Moments must come in order. */
function walk(versions: readonly TariffVersion[], bucketSeconds: number) {
  let next = 0;
  return (atMs: number): TariffVersion | undefined => {
    while (next < versions.length && firstBucket(versions[next]!, bucketSeconds) <= atMs) next++;
    return versions[next - 1];
  };
}

/** The same version may continue across a change in the other list. */
function addPeriod(periods: Period[], period: Period): void {
  const last = periods.at(-1);
  if (last !== undefined && last.versionId === period.versionId && last.toMs === period.fromMs) {
    periods[periods.length - 1] = { ...last, toMs: period.toMs };
  } else {
    periods.push(period);
  }
}

function sameWindows(a: Period<DamagesTariff>, b: Period<DamagesTariff>): boolean {
  return (
    a.tariff.count === b.tariff.count &&
    a.tariff.windowSeconds === b.tariff.windowSeconds &&
    a.tariff.basis === b.tariff.basis &&
    a.tariff.currency === b.tariff.currency
  );
}
