/** The hours (UTC) of the range that is compared; the first and the last may be cut. */

const HOUR_MS = 3_600_000;

export interface Range {
  /** Both on a minute, since the ledger's finest bound is that; half open. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How far a line's time may be from the ledger's. */
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

  /** From 0; -1 for a moment before the range, `count` for one after it. */
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
