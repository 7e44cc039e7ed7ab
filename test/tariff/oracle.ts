/** The billing rule in its slow and obvious form: it visits every bucket, every window and every post. */

import type { DamagesTariff, LicenceTariff, Tariff, TariffVersion } from '../../src/tariff/tariff.ts';

export const BUCKET_MS = 60_000;

export interface OracleLine {
  posts: number;
  amountMinor: bigint;
  tariffVersionId: string;
}

export interface OracleBreach {
  stretchFromMs: number;
  stretchToMs: number;
  fromMs: number;
  toMs: number;
  posts: number;
  billedPosts: number;
  unbilledReason: 'within_refusing_tariff' | null;
  peakPosts: number;
  peakAtMs: number;
  currency: string;
  amountMinor: bigint;
  lines: OracleLine[];
}

interface Bucket {
  atMs: number;
  posts: number;
  version: TariffVersion | undefined;
  /** Buckets with the same number may share a window. */
  segment: number;
}

function inForce(atMs: number, clientId: string | null, versions: readonly TariffVersion[]) {
  let best: TariffVersion | undefined;
  for (const version of versions) {
    if (version.clientId !== clientId || version.validFromMs > atMs) continue;
    const later =
      best === undefined ||
      version.validFromMs > best.validFromMs ||
      (version.validFromMs === best.validFromMs && version.version > best.version);
    if (later) best = version;
  }
  return best;
}

function damagesOf(bucket: Bucket | undefined): DamagesTariff | undefined {
  const tariff = bucket?.version?.tariff;
  return tariff?.kind === 'damages' ? tariff : undefined;
}

function everyBucket(
  posts: ReadonlyMap<number, number>,
  versions: readonly TariffVersion[],
  fromMs: number,
  toMs: number,
): Bucket[] {
  const buckets: Bucket[] = [];
  let segment = 0;
  for (let atMs = fromMs; atMs < toMs; atMs += BUCKET_MS) {
    const own = inForce(atMs, 'c', versions);
    const version = own?.tariff ? own : inForce(atMs, null, versions);
    const bucket = { atMs, posts: posts.get(atMs) ?? 0, version, segment };
    const [before, now] = [damagesOf(buckets.at(-1)), damagesOf(bucket)];
    const same =
      before?.count === now?.count &&
      before?.windowSeconds === now?.windowSeconds &&
      before?.basis === now?.basis &&
      before?.currency === now?.currency;
    if (!same) segment++;
    buckets.push({ ...bucket, segment });
  }
  return buckets;
}

export function slowAmount(posts: number, price: DamagesTariff | LicenceTariff): bigint {
  const block = BigInt(price.block);
  const exact = BigInt(posts) * price.priceMinor;
  if (price.rounding === 'prorated') return exact / block + (2n * (exact % block) >= block ? 1n : 0n);
  let blocks = 0n;
  for (let left = posts; left > 0; left -= price.block) {
    if (left >= price.block || price.rounding === 'started') blocks++;
  }
  return blocks * price.priceMinor;
}

/** Posts refused by a limiter that checks every single post, in the buckets in which it is active. */
function refusedPerBucket(
  buckets: readonly Bucket[],
  windowOf: (index: number) => number[],
  isLimited: (bucket: Bucket) => boolean,
): number[] {
  const passed: number[] = [];
  return buckets.map((bucket, index) => {
    passed[index] = 0;
    if (damagesOf(bucket) === undefined) return 0;
    const window = windowOf(index);
    const threshold = Math.max(...window.map((at) => damagesOf(buckets[at])!.threshold));
    let refused = 0;
    for (let post = 0; post < bucket.posts; post++) {
      const total = window.reduce((sum, at) => sum + (passed[at] ?? 0), 0);
      if (total < threshold || !isLimited(bucket)) passed[index]!++;
      else refused++;
    }
    return refused;
  });
}

function linesOf(
  buckets: readonly Bucket[],
  billed: (index: number) => number,
  indexes: number[],
): OracleLine[] {
  const runs: { key: string; posts: number; version: TariffVersion | undefined; tariff: Tariff }[] = [];
  for (const index of indexes) {
    const { version } = buckets[index]!;
    const tariff = version!.tariff as DamagesTariff | LicenceTariff;
    const key = [tariff.count, tariff.priceMinor, tariff.block, tariff.rounding, tariff.currency].join();
    let run = runs.at(-1);
    if (run?.key !== key) {
      run = { key, posts: 0, version: undefined, tariff };
      runs.push(run);
    }
    if (billed(index) > 0) run.version ??= version;
    run.posts += billed(index);
  }
  return runs
    .filter((run) => run.posts > 0)
    .map((run) => ({
      posts: run.posts,
      amountMinor: slowAmount(run.posts, run.tariff as DamagesTariff),
      tariffVersionId: run.version!.id,
    }));
}

const refuses = (bucket: Bucket) => damagesOf(bucket)?.onThreshold === 'refuse';

/**
 * The buckets whose posts basis `all` bills: those in windows over the threshold, without posts that a refusing tariff
 * let through.
 */
function owedIndexes(buckets: readonly Bucket[], windowOf: (index: number) => number[]): Set<number> {
  const slipped = refusedPerBucket(buckets, windowOf, refuses);
  const owed = new Set<number>();
  buckets.forEach((bucket, end) => {
    if (damagesOf(bucket) === undefined) return;
    const window = windowOf(end);
    const total = window.reduce((sum, index) => sum + buckets[index]!.posts - slipped[index]!, 0);
    if (total <= Math.max(...window.map((index) => damagesOf(buckets[index])!.threshold))) return;
    for (const index of window) owed.add(index);
  });
  return owed;
}

export function slowBreaches(
  posts: ReadonlyMap<number, number>,
  versions: readonly TariffVersion[],
  fromMs: number,
  toMs: number,
): OracleBreach[] {
  const buckets = everyBucket(posts, versions, fromMs, toMs);
  const windowOf = windowsOf(buckets);
  const covered = new Set<number>();
  const totals = new Map<number, number>();
  buckets.forEach((bucket, end) => {
    if (damagesOf(bucket) === undefined) return;
    const window = windowOf(end);
    const total = window.reduce((sum, index) => sum + buckets[index]!.posts, 0);
    if (total <= Math.max(...window.map((index) => damagesOf(buckets[index])!.threshold))) return;
    totals.set(end, total);
    for (const index of window) covered.add(index);
  });
  const refused = refusedPerBucket(buckets, windowOf, () => true);
  const owed = owedIndexes(buckets, windowOf);

  const runs: number[][] = [];
  for (const index of [...covered].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    const connected = run?.at(-1) === index - 1 && buckets[index]!.segment === buckets[index - 1]!.segment;
    if (run !== undefined && connected) run.push(index);
    else runs.push([index]);
  }
  return runs.map((run) => {
    const tariff = damagesOf(buckets[run[0]!])!;
    const billed = (index: number) => {
      if (refuses(buckets[index]!)) return 0;
      if (tariff.basis === 'excess') return refused[index]!;
      return owed.has(index) ? buckets[index]!.posts : 0;
    };
    const withPosts = run.filter((index) => buckets[index]!.posts > 0);
    const lines = linesOf(buckets, billed, run);
    const peakPosts = Math.max(...run.map((index) => totals.get(index) ?? 0));
    const peakAt = run.find((index) => totals.get(index) === peakPosts)!;
    return {
      stretchFromMs: buckets[run[0]!]!.atMs,
      stretchToMs: buckets[run.at(-1)!]!.atMs + BUCKET_MS,
      fromMs: buckets[withPosts[0]!]!.atMs,
      toMs: buckets[withPosts.at(-1)!]!.atMs + BUCKET_MS,
      posts: run.reduce((sum, index) => sum + buckets[index]!.posts, 0),
      billedPosts: run.reduce((sum, index) => sum + billed(index), 0),
      unbilledReason: withPosts.some((index) => refuses(buckets[index]!)) ? 'within_refusing_tariff' : null,
      peakPosts,
      peakAtMs: buckets[peakAt]!.atMs,
      currency: tariff.currency,
      amountMinor: lines.reduce((sum, line) => sum + line.amountMinor, 0n),
      lines,
    };
  });
}

/** Indexes of the buckets in the window that ends with a bucket. */
function windowsOf(buckets: readonly Bucket[]) {
  return (end: number): number[] => {
    const length = damagesOf(buckets[end])!.windowSeconds / 60;
    const all = Array.from({ length }, (_, back) => end - length + 1 + back);
    return all.filter((index) => buckets[index]?.segment === buckets[end]!.segment);
  };
}

/** The total of the window that ends with each bucket. Without a damages tariff: of the last 24 hours, and no threshold. */
export function slowTotals(
  posts: ReadonlyMap<number, number>,
  versions: readonly TariffVersion[],
  fromMs: number,
  toMs: number,
): { atMs: number; total: number; threshold: number | null }[] {
  const buckets = everyBucket(posts, versions, fromMs, toMs);
  const windowOf = windowsOf(buckets);
  const indexes = [...buckets.keys()];
  return buckets.map((bucket, end) => {
    const isDamages = damagesOf(bucket) !== undefined;
    const window = isDamages ? windowOf(end) : indexes.slice(Math.max(0, end - 1439), end + 1);
    const total = window.reduce((sum, index) => sum + (buckets[index]?.posts ?? 0), 0);
    const threshold = isDamages ? Math.max(...window.map((at) => damagesOf(buckets[at])!.threshold)) : null;
    return { atMs: bucket.atMs, total, threshold };
  });
}

/** Counts posts beyond the included number, post by post, by calendar month. */
export function slowMonths(
  posts: ReadonlyMap<number, number>,
  versions: readonly TariffVersion[],
  fromMs: number,
  toMs: number,
): Map<string, { posts: number; included: number; billedPosts: number; lines: OracleLine[] }> {
  const buckets = everyBucket(posts, versions, fromMs, toMs);
  const months = new Map<string, number[]>();
  buckets.forEach((bucket, index) => {
    if (bucket.version?.tariff?.kind !== 'licence') return;
    const month = new Date(bucket.atMs).toISOString().slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), index]);
  });
  const result = new Map<
    string,
    { posts: number; included: number; billedPosts: number; lines: OracleLine[] }
  >();
  for (const [month, indexes] of months) {
    const all = indexes.reduce((sum, index) => sum + buckets[index]!.posts, 0);
    if (all === 0) continue;
    const included = Math.max(
      ...indexes.map((index) => (buckets[index]!.version!.tariff as LicenceTariff).included),
    );
    let room = included;
    const billed = new Map<number, number>();
    for (const index of indexes) {
      for (let post = 0; post < buckets[index]!.posts; post++) {
        if (room > 0) room--;
        else billed.set(index, (billed.get(index) ?? 0) + 1);
      }
    }
    const lines = runsOfNeighbours(indexes).flatMap((run) =>
      linesOf(buckets, (at) => billed.get(at) ?? 0, run),
    );
    result.set(month, { posts: all, included, billedPosts: Math.max(0, all - included), lines });
  }
  return result;
}

function runsOfNeighbours(indexes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const index of indexes) {
    const run = runs.at(-1);
    if (run?.at(-1) === index - 1) run.push(index);
    else runs.push([index]);
  }
  return runs;
}
