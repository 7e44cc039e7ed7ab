/** A client's usage as billed and hashed, computed from all metered usage and the moves of identifiers. */

import type { UsageRow } from '../invoice/seal.ts';
import { type Move, moved } from '../meter/moves.ts';
import type { Usage } from '../meter/usage.ts';

export interface UsageScope {
  readonly clientId: string;
  /** Identifiers whose usage may have moved to the client. */
  readonly identifiers: readonly string[];
}

/** Returns whose usage must be read to compute the client's usage after these moves. */
export function usageScope(clientId: string, moves: readonly Move[]): UsageScope {
  const clients = new Set([clientId]);
  const identifiers = new Set<string>();
  for (const move of moves.toReversed()) {
    if (!clients.has(move.toClientId)) continue;
    clients.add(move.fromClientId);
    identifiers.add(move.identifierId);
  }
  return { clientId, identifiers: [...identifiers] };
}

/** Returns the client's usage in the span: one row per bucket and identifier with posts, sorted. */
export function clientRows(
  clientId: string,
  usage: readonly Usage[],
  moves: readonly Move[],
  span: { readonly fromMs: number; readonly toMs: number },
): UsageRow[] {
  const sums = new Map<string, [number, string, number]>();
  for (const one of moved(usage, moves)) {
    const { bucketMs, identifierId, posts } = one;
    if (one.clientId !== clientId || posts === 0 || bucketMs < span.fromMs || bucketMs >= span.toMs) continue;
    const key = `${bucketMs} ${identifierId}`;
    const row = sums.get(key);
    if (row === undefined) sums.set(key, [bucketMs, identifierId, posts]);
    else row[2] += posts;
  }
  return [...sums.values()].sort(([aMs, a], [bMs, b]) => aMs - bMs || (a < b ? -1 : 1));
}

/** Returns the rows in the span. */
export function rowsWithin(
  rows: readonly UsageRow[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): UsageRow[] {
  return rows.filter(([bucketMs]) => bucketMs >= fromMs && bucketMs < toMs);
}
