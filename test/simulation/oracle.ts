/** The truth, kept beside everything under test: posts sent, received completely, and served unmetered. */

import { type Move, ownerOf } from '../../src/meter/moves.ts';
import type { Usage } from '../../src/meter/usage.ts';

/** By client, identifier and bucket. */
export type Posts = Map<string, number>;

export class Oracle {
  readonly sentPosts: Posts = new Map();
  readonly receivedPosts: Posts = new Map();
  /** Served although the journal accepted no record of it, as configured. */
  readonly unmeteredPosts: Posts = new Map();

  sent(usage: Usage): void {
    add(this.sentPosts, usage);
  }

  received(usage: Usage): void {
    add(this.receivedPosts, usage);
  }

  unmetered(usage: readonly Usage[]): void {
    for (const one of usage) add(this.unmeteredPosts, one);
  }
}

export function add(
  posts: Posts,
  usage: Pick<Usage, 'clientId' | 'identifierId' | 'bucketMs' | 'posts'>,
): void {
  const key = keyOf(usage);
  posts.set(key, (posts.get(key) ?? 0) + usage.posts);
}

export function keyOf({
  clientId,
  identifierId,
  bucketMs,
}: Pick<Usage, 'clientId' | 'identifierId' | 'bucketMs'>) {
  return `${clientId} ${identifierId} ${bucketMs}`;
}

export function usageOf(key: string): Pick<Usage, 'clientId' | 'identifierId' | 'bucketMs'> {
  const [clientId, identifierId, bucketMs] = key.split(' ');
  return { clientId: clientId!, identifierId: identifierId!, bucketMs: Number(bucketMs) };
}

/** The same posts, each under the client that owns it after all moves. */
export function afterMoves(posts: Posts, moves: readonly Move[]): Posts {
  const moved: Posts = new Map();
  for (const [key, count] of posts) {
    const usage = usageOf(key);
    add(moved, { ...usage, clientId: ownerOf(usage, moves), posts: count });
  }
  return moved;
}
