/** Adds up usage: of a batch, and of two responses. */

import type { Usage } from './usage.ts';

/** One usage per (client, identifier, bucket), in the order of first appearance. */
export function addUp(usages: readonly Usage[]): Usage[] {
  if (usages.length === 1) return [usages[0]!];
  const sums = new Map<string, Sum>();
  let sum: Sum | undefined;
  for (const usage of usages) {
    // Nearly all of a batch is usage of one identifier in one minute, which needs no look at the map.
    if (sum === undefined || !sum.isOf(usage)) {
      const key = keyOf(usage);
      sum = sums.get(key) ?? new Sum(usage);
      sums.set(key, sum);
    }
    sum.add(usage);
  }
  return Array.from(sums.values(), (each) => each.usage());
}

/** The length says where the first name ends: names may hold any character. */
function keyOf({ clientId, identifierId, bucketMs }: Usage): string {
  return `${clientId.length} ${bucketMs} ${clientId}${identifierId}`;
}

class Sum {
  readonly #clientId: string;
  readonly #identifierId: string;
  readonly #bucketMs: number;
  #posts = 0;
  #requests = 0;
  #refused = 0;
  #bytes = 0;
  #uncounted = 0;
  readonly #ids: Uint32Array[] = [];

  constructor({ clientId, identifierId, bucketMs }: Usage) {
    this.#clientId = clientId;
    this.#identifierId = identifierId;
    this.#bucketMs = bucketMs;
  }

  isOf({ clientId, identifierId, bucketMs }: Usage): boolean {
    return bucketMs === this.#bucketMs && identifierId === this.#identifierId && clientId === this.#clientId;
  }

  add({ posts, requests, refused, bytes, uncounted, ids }: Usage): void {
    this.#posts += posts;
    this.#requests += requests;
    this.#refused += refused;
    this.#bytes += bytes;
    this.#uncounted += uncounted;
    if (ids !== undefined) this.#ids.push(ids);
  }

  usage(): Usage {
    const sum = {
      clientId: this.#clientId,
      identifierId: this.#identifierId,
      bucketMs: this.#bucketMs,
      posts: this.#posts,
      requests: this.#requests,
      refused: this.#refused,
      bytes: this.#bytes,
      uncounted: this.#uncounted,
    };
    // Joined once: thousands of records may hold ids of one client and bucket.
    return this.#ids.length === 0 ? sum : { ...sum, ids: joined(this.#ids) };
  }
}

/** Two usages of the same identifier and bucket as one. */
export function plus(a: Usage, b: Usage): Usage {
  const sum = {
    clientId: a.clientId,
    identifierId: a.identifierId,
    bucketMs: a.bucketMs,
    posts: a.posts + b.posts,
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    bytes: a.bytes + b.bytes,
    uncounted: a.uncounted + b.uncounted,
  };
  if (a.ids === undefined && b.ids === undefined) return sum;
  const ids = a.ids === undefined || b.ids === undefined ? (a.ids ?? b.ids!) : joined([a.ids, b.ids]);
  return { ...sum, ids };
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
