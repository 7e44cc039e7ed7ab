/** Figures of one client at this moment: its total against the threshold, its pace, and what is at stake. */

import { isPrefix } from '../../meter/client-id.ts';
import { bucketOf } from '../../meter/usage.ts';
import type { CurrencyAmount } from '../../tariff/money.ts';
import { sumOf } from '../../tariff/posts.ts';
import { amountOf } from '../../tariff/rating.ts';
import type { Tariff } from '../../tariff/tariff.ts';
import { windowMsOf } from '../../tariff/timeline.ts';
import { forecastOverMs } from './forecast.ts';
import type { LedgerStanding, ServedClient, UsageAsk } from './port.ts';

const HOUR_MS = 3_600_000;

/** A moment, with the length of buckets. */
export interface BucketClock {
  readonly nowMs: number;
  readonly bucketSeconds: number;
}

export interface ClientNow extends LedgerStanding {
  readonly kind: Tariff['kind'];
  /** Posts in the window that ends with the current bucket. */
  readonly total: number;
  readonly windowMs: number;
  /** Null under a tariff without a threshold. */
  readonly threshold: number | null;
  /** `total` divided by `threshold`, not rounded. */
  readonly share: number | null;
  /** Posts of the last hour, the current bucket included. */
  readonly pace: number;
  /**
   * If the total is over the threshold: the first bucket of the open breach that was over it, null until billing has
   * found the breach. Otherwise: when it will be over at this pace; null: never.
   */
  readonly overAtMs: number | null;
  /** The least amount that follows if the threshold is exceeded; null if nothing would be charged. */
  readonly ifCrossed: CurrencyAmount | null;
  /** Requests and uncounted responses in the window. */
  readonly requests: number;
  readonly uncounted: number;
}

/** End of the current bucket, at which all windows of now end. */
export function endOfBucket({ nowMs, bucketSeconds }: BucketClock): number {
  return bucketOf(nowMs, bucketSeconds) + bucketSeconds * 1000;
}

/** The usage that `clientNow` needs. */
export function usageAsk(clientId: string, tariff: Tariff, clock: BucketClock): UsageAsk {
  const endMs = endOfBucket(clock);
  const windowFromMs = endMs - windowMsOf(tariff, clock.bucketSeconds);
  return { clientId, fromMs: Math.min(windowFromMs, endMs - HOUR_MS), windowFromMs };
}

/** `served` is the usage that `usageAsk` describes; undefined if there is none. */
export function clientNow(
  standing: LedgerStanding,
  served: ServedClient | undefined,
  tariff: Tariff,
  clock: BucketClock,
): ClientNow {
  const endMs = endOfBucket(clock);
  const bucketMs = clock.bucketSeconds * 1000;
  const windowMs = windowMsOf(tariff, clock.bucketSeconds);
  const all = served?.posts ?? [];
  const posts = all.filter((at) => at.bucketMs >= endMs - windowMs);
  const total = sumOf(posts);
  const pace = sumOf(all.filter((at) => at.bucketMs >= endMs - HOUR_MS));
  const threshold = tariff.kind === 'damages' ? tariff.threshold : null;
  const { openStretchFromMs } = standing;
  const overAtMs = (): number | null => {
    if (threshold === null) return null;
    if (total <= threshold) return forecastOverMs({ posts, windowMs, threshold, pace, endMs, bucketMs });
    // A stretch begins with the first bucket of its first window over the threshold, and that window's last bucket counts.
    return openStretchFromMs === null ? null : openStretchFromMs + windowMs - bucketMs;
  };
  return {
    ...standing,
    kind: tariff.kind,
    total,
    windowMs,
    threshold,
    share: threshold === null ? null : total / threshold,
    pace,
    overAtMs: overAtMs(),
    ifCrossed: isPrefix(standing.clientId) ? null : leastClaim(tariff),
    requests: served?.requests ?? 0,
    uncounted: served?.uncounted ?? 0,
  };
}

/** The amount of the smallest breach that the tariff bills; null if it bills none. */
export function leastClaim(tariff: Tariff): CurrencyAmount | null {
  if (tariff.kind !== 'damages' || tariff.onThreshold === 'refuse') return null;
  const posts = tariff.basis === 'all' ? tariff.threshold + 1 : 1;
  return { currency: tariff.currency, amountMinor: amountOf(posts, tariff) };
}
