/** A Prometheus histogram of durations: a few comparisons per observation, no allocation. */

/** Upper bounds in seconds. One more bucket holds longer durations. */
export const DURATION_BOUNDS_S = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5, 30,
];

export interface HistogramFigures {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
  /** Observations per bucket, not cumulative. The last bucket is above all bounds. */
  readonly counts: readonly number[];
  /** In seconds. */
  readonly sum: number;
}

export class Histogram {
  readonly #counts = new Array<number>(DURATION_BOUNDS_S.length + 1).fill(0);
  #sumMs = 0;

  /** @param ms a duration; a negative one counts as 0. */
  observe(ms: number): void {
    const seconds = ms / 1000;
    let at = 0;
    while (at < DURATION_BOUNDS_S.length && seconds > DURATION_BOUNDS_S[at]!) at++;
    this.#counts[at]! += 1;
    if (ms > 0) this.#sumMs += ms;
  }

  figures(): HistogramFigures {
    return { bounds: DURATION_BOUNDS_S, counts: [...this.#counts], sum: this.#sumMs / 1000 };
  }
}
