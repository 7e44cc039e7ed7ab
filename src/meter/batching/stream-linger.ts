/**
 * How long the usage of a running stream is collected at the edge before it is sent: each call of the client's object is
 * billed, and an invocation may make only a limited number of calls.
 */

/** Usage of a stream is not sent more often. */
export const MIN_STREAM_LINGER_MS = 5_000;
/** Usage does not wait longer. An isolate that dies loses what it has collected. */
export const MAX_STREAM_LINGER_MS = 60_000;
/** This many posts wait no longer than `MIN_STREAM_LINGER_MS`. */
export const MANY_POSTS = 10_000;
/**
 * Usage of an old stream lingers for this share of its age: an hour makes about 110 calls, and at most 720 with many
 * posts.
 */
const SHARE_OF_AGE = 1 / 20;

/** @param ageMs of the stream. @param posts collected so far. */
export function streamLingerMs(ageMs: number, posts: number): number {
  if (posts >= MANY_POSTS) return MIN_STREAM_LINGER_MS;
  return Math.min(MAX_STREAM_LINGER_MS, Math.max(MIN_STREAM_LINGER_MS, ageMs * SHARE_OF_AGE));
}
