/** Each client's posts in the window that ends now, compared with the threshold of its tariff. */

import type { Tariff } from '../tariff/tariff.ts';
import { windowMsOf } from '../tariff/timeline.ts';

/** Posts of one client in a time range. */
export interface ClientPosts {
  readonly clientId: string;
  readonly name: string;
  readonly posts: number;
}

/** Clients whose windows have the same length. */
export interface WindowGroup {
  readonly windowMs: number;
  /** Null means every client that no other group lists. */
  readonly clientIds: readonly string[] | null;
}

export interface ClientTotal {
  readonly clientId: string;
  readonly name: string;
  readonly kind: Tariff['kind'];
  /** Posts in the window that ends now. */
  readonly total: number;
  readonly windowMs: number;
  /** Null under a tariff without a threshold. */
  readonly threshold: number | null;
  /** `total` divided by `threshold`, not rounded. Null under a tariff without a threshold. */
  readonly share: number | null;
}

type TariffOf = (clientId: string) => Tariff;

/**
 * Groups clients by window, so that one query serves each length.
 * @param general the default tariff.
 * @param ownClientIds clients with versions of their own.
 */
export function windowGroups(
  general: Tariff,
  ownClientIds: Iterable<string>,
  tariffOf: TariffOf,
  bucketSeconds: number,
): WindowGroup[] {
  const generalMs = windowMsOf(general, bucketSeconds);
  const named = new Map<number, string[]>();
  for (const clientId of ownClientIds) {
    const windowMs = windowMsOf(tariffOf(clientId), bucketSeconds);
    if (windowMs === generalMs) continue;
    const same = named.get(windowMs);
    if (same === undefined) named.set(windowMs, [clientId]);
    else same.push(clientId);
  }
  const groups = Array.from(named, ([windowMs, clientIds]) => ({ windowMs, clientIds }));
  return [{ windowMs: generalMs, clientIds: null }, ...groups];
}

export function clientTotal(found: ClientPosts, tariff: Tariff, bucketSeconds: number): ClientTotal {
  const { clientId, name, posts: total } = found;
  const threshold = tariff.kind === 'damages' ? tariff.threshold : null;
  const share = threshold === null ? null : total / threshold;
  const windowMs = windowMsOf(tariff, bucketSeconds);
  return { clientId, name, kind: tariff.kind, total, windowMs, threshold, share };
}

/** Sorts the client closest to its threshold first. Clients without a threshold follow by their totals. */
export function nearestFirst(totals: readonly ClientTotal[]): ClientTotal[] {
  return totals.toSorted(
    (a, b) => (b.share ?? -1) - (a.share ?? -1) || b.total - a.total || (a.clientId < b.clientId ? -1 : 1),
  );
}
