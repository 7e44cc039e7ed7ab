/** Each client's posts in the window that ends now, compared with the threshold of its tariff. */

import { buildDirectory } from '../identify/directory.ts';
import { bucketOf } from '../meter/usage.ts';
import type { Tariff, TariffVersion } from '../tariff/tariff.ts';
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

/** Clients by id: these, or all others. */
export type ClientScope = { readonly only: readonly string[] } | { readonly except: readonly string[] };

/** The usage and tariffs from which totals are computed. */
export interface TotalsSource {
  /** Every version of every tariff that is not retired. Unordered. */
  allTariffVersions(): Promise<readonly TariffVersion[]>;
  /** Posts of each client with usage in [fromMs, toMs). Unordered. */
  postsByClient(fromMs: number, toMs: number, scope: ClientScope): Promise<readonly ClientPosts[]>;
}

type TariffOf = (clientId: string) => Tariff;

/** Returns a function that finds the tariff of a client at `nowMs` among `versions`. */
export function tariffsAt(
  versions: readonly TariffVersion[],
  bucketSeconds: number,
  nowMs: number,
): TariffOf {
  const directory = buildDirectory(
    { clients: [], identifiers: [], tariffs: versions, policies: [], policyVersions: [] },
    bucketSeconds,
  );
  return (clientId) => directory.tariffOf(clientId, nowMs);
}

/** Returns the totals of all clients with usage in their windows, unordered. */
export async function currentTotals(
  source: TotalsSource,
  bucketSeconds: number,
  nowMs: number,
): Promise<ClientTotal[]> {
  const versions = await source.allTariffVersions();
  const tariffOf = tariffsAt(versions, bucketSeconds, nowMs);
  const own = new Set(versions.flatMap(({ clientId }) => (clientId === null ? [] : [clientId])));
  const groups = windowGroups(tariffOf(''), own, tariffOf, bucketSeconds);
  const named = groups.flatMap(({ clientIds }) => clientIds ?? []);
  const endMs = bucketOf(nowMs, bucketSeconds) + bucketSeconds * 1000;
  const found = await Promise.all(
    groups.map(({ windowMs, clientIds }) =>
      source.postsByClient(
        endMs - windowMs,
        endMs,
        clientIds === null ? { except: named } : { only: clientIds },
      ),
    ),
  );
  return found.flat().map((posts) => clientTotal(posts, tariffOf(posts.clientId), bucketSeconds));
}

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
export function nearestFirst<T extends Pick<ClientTotal, 'clientId' | 'share' | 'total'>>(
  totals: readonly T[],
): T[] {
  return totals.toSorted(
    (a, b) => (b.share ?? -1) - (a.share ?? -1) || b.total - a.total || (a.clientId < b.clientId ? -1 : 1),
  );
}
