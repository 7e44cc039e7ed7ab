/** How long the usage of a stream gathers: each call to the client's object is billed, and an invocation has few. */

/** Nothing is sent again before. */
export const MIN_GATHER_MS = 5_000;
/** Nothing waits for longer. An isolate that dies loses what has gathered. */
export const MAX_GATHER_MS = 60_000;
/** So many posts do not wait for longer than `MIN_GATHER_MS`. */
export const MANY_POSTS = 10_000;
/** An old stream's usage gathers for this part of its age: an hour makes some 110 calls, with many posts at most 720. */
const PART_OF_AGE = 1 / 20;

export function lingerMs(ageMs: number, posts: number): number {
  if (posts >= MANY_POSTS) return MIN_GATHER_MS;
  return Math.min(MAX_GATHER_MS, Math.max(MIN_GATHER_MS, ageMs * PART_OF_AGE));
}
