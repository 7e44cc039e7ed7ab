/** The UTC hours of the compared range; the first and the last may be partial. */

const HOUR_MS = 3_600_000;

export interface Range {
  /** Both on a minute boundary, the finest resolution of the ledger; half open. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Maximum difference between a line's time and the ledger's. */
  readonly slackMs: number;
}

export class Hours {
  readonly range: Range;
  readonly count: number;
  readonly #first: number;

  constructor(range: Range) {
    this.range = range;
    this.#first = Math.floor(range.fromMs / HOUR_MS);
    this.count = Math.floor((range.toMs - 1) / HOUR_MS) - this.#first + 1;
  }

  /** Index from 0; -1 for a time before the range, `count` for one after it. */
  indexOf(atMs: number): number {
    if (atMs < this.range.fromMs) return -1;
    return atMs < this.range.toMs ? Math.floor(atMs / HOUR_MS) - this.#first : this.count;
  }

  fromMs(index: number): number {
    return Math.max(this.range.fromMs, (this.#first + index) * HOUR_MS);
  }

  toMs(index: number): number {
    return Math.min(this.range.toMs, (this.#first + index + 1) * HOUR_MS);
  }
}
