/** A request as every stage sees it. */

/** A request as it arrived, whatever the runtime. */
export interface IncomingFacts {
  readonly method: string;
  /** The request target as it was sent. */
  readonly target: string;
  /** Flat list of names and values, in received order and letter case. */
  readonly headers: readonly string[];
  readonly host: string | undefined;
  /** The peer's IP address; undefined if the connection has already closed. */
  readonly peer: string | undefined;
  readonly secure: boolean;
  /** The category of verified bots in which Cloudflare puts the client. Absent: unknown, or not to be trusted. */
  readonly botCategory?: string;
}
