/** Usage: what one identifier was served in one bucket (a minute, UTC, unless configured shorter). */

export interface Usage {
  readonly clientId: string;
  readonly identifierId: string;
  /** Start of the bucket, epoch milliseconds UTC. */
  readonly bucketMs: number;
  readonly posts: number;
  readonly requests: number;
  /** Requests that we refused. Each is also in `requests`, with 0 posts. */
  readonly refused: number;
  /** Body bytes handed to the client, as encoded on the wire. */
  readonly bytes: number;
  /** Responses whose posts could not be counted. Each is also in `requests`. */
  readonly uncounted: number;
  /**
   * Hashes of the ids of these posts, alternating high and low half, for counting unique posts: one pair per post
   * with a known id, including repeats. Absent if no ids are known.
   */
  readonly ids?: Uint32Array;
}

/** The start of the bucket that contains `atMs`. Truncating can only favour the client (design, section 2). */
export function bucketOf(atMs: number, bucketSeconds: number): number {
  const lengthMs = bucketSeconds * 1000;
  return Math.floor(atMs / lengthMs) * lengthMs;
}
