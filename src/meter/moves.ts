/** Moves of identifiers between clients, and whose usage results from them. */

import type { MovedPosts } from './port.ts';
import type { Usage } from './usage.ts';

/** From `fromMs` until `toMs` (Infinity: permanently), usage metered for the one client belongs to the other. */
export interface Move {
  readonly identifierId: string;
  readonly fromClientId: string;
  readonly toClientId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Applies the moves to usage, one after the other. `moves` must be in the order in which they were made. */
export function moved(usage: readonly Usage[], moves: readonly Move[]): readonly Usage[] {
  if (moves.length === 0) return usage;
  return usage.map((one) => {
    const clientId = ownerOf(one, moves);
    return clientId === one.clientId ? one : { ...one, clientId };
  });
}

/** Returns the client that owns usage of this identifier and bucket after all moves. */
export function ownerOf(
  { clientId, identifierId, bucketMs }: Pick<Usage, 'clientId' | 'identifierId' | 'bucketMs'>,
  moves: readonly Move[],
): string {
  return moves.reduce(
    (owner, move) =>
      move.identifierId === identifierId &&
      move.fromClientId === owner &&
      move.fromMs <= bucketMs &&
      bucketMs < move.toMs
        ? move.toClientId
        : owner,
    clientId,
  );
}

/**
 * Returns the posts that moves have transferred, for each pair of clients.
 * @param before usage as it was metered.
 * @param after the same usage in the same order, as `moved` returns it.
 */
export function postsMoved(
  before: readonly Usage[],
  after: readonly Usage[],
): Omit<MovedPosts, 'sequence'>[] {
  const pairs = new Map<string, Omit<MovedPosts, 'sequence' | 'posts'> & { buckets: Map<number, number> }>();
  for (const [index, { clientId: fromClientId, bucketMs, posts }] of before.entries()) {
    const toClientId = after[index]!.clientId;
    if (toClientId === fromClientId || posts === 0) continue;
    const key = JSON.stringify([fromClientId, toClientId]);
    const pair = pairs.get(key) ?? { fromClientId, toClientId, buckets: new Map() };
    pair.buckets.set(bucketMs, (pair.buckets.get(bucketMs) ?? 0) + posts);
    pairs.set(key, pair);
  }
  return Array.from(pairs.values(), ({ buckets, ...pair }) => ({
    ...pair,
    posts: Array.from(buckets, ([bucketMs, posts]) => ({ bucketMs, posts })),
  }));
}
