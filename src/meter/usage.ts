/** Usage: what one identifier was served in one bucket (a minute, UTC, unless configured shorter). */

export interface Usage {
  readonly clientId: string;
  readonly identifierId: string;
  /** Start of the bucket, epoch milliseconds UTC. */
  readonly bucketMs: number;
  readonly posts: number;
  readonly requests: number;
  /** Requests that we refused; each is in `requests` too, with 0 posts. */
  readonly refused: number;
  /** Body bytes handed to the client, as encoded on the wire. */
  readonly bytes: number;
  /** Responses whose posts could not be counted; each is in `requests` too. */
  readonly uncounted: number;
  /**
   * Hashes of the ids of these posts, high and low half by turns, to count unique posts by: one pair for each post
   * whose id is known, repeats included. Absent where no ids are known.
   */
  readonly ids?: Uint32Array;
}

/** The start of the bucket that holds `atMs`; cutting down can only favour the client (design, section 2). */
export function bucketOf(atMs: number, bucketSeconds: number): number {
  const lengthMs = bucketSeconds * 1000;
  return Math.floor(atMs / lengthMs) * lengthMs;
}
