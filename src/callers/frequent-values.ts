/** The most frequent values of a stream in bounded memory (space-saving, Metwally et al. 2005). */

export interface ValueCount {
  readonly value: string;
  readonly requests: number;
  readonly posts: number;
}

/** Values kept of one trait. */
export const MAX_VALUES = 8;

/**
 * Keeps 8 values. A further value replaces the rarest one and takes over its counts, so that the sums of all values are
 * exact, and a frequent value is never missing. The counts of rare values may be too high.
 */
export class FrequentValues {
  readonly counts: { value: string; requests: number; posts: number }[] = [];

  /** @param value is kept as it is: cut it before. */
  add(value: string, requests: number, posts: number): void {
    const { counts } = this;
    for (const count of counts) {
      if (count.value !== value) continue;
      count.requests += requests;
      count.posts += posts;
      return;
    }
    if (counts.length < MAX_VALUES) {
      counts.push({ value, requests, posts });
      return;
    }
    let rarest = counts[0]!;
    for (const count of counts) if (count.requests < rarest.requests) rarest = count;
    rarest.value = value;
    rarest.requests += requests;
    rarest.posts += posts;
  }
}
