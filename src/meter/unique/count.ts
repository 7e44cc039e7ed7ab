/** The number of unique posts of a client, by UTC day or over several days. */

/** Distinct posts served to a client in one or more UTC days. Each post counts once a day. */
export interface UniqueCount {
  /** Number of distinct ids. */
  readonly posts: number;
  /** False if the count is an estimate. */
  readonly isExact: boolean;
  /** Deliveries without a known id. No other figure here includes them. */
  readonly withoutId: number;
}

export interface UniqueDay extends UniqueCount {
  /** Start of the UTC day, epoch milliseconds. */
  readonly dayMs: number;
}
