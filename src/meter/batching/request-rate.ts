/** Whether a client makes so many requests in one isolate that its usage is collected before it is sent. */

/** A client is hot if it makes this many requests within `HOT_PERIOD_MS`. */
export const HOT_REQUESTS = 80;
export const HOT_PERIOD_MS = 1_000;

/** The times of a client's last requests, at most `HOT_REQUESTS`. */
export class RequestRate {
  readonly #timesMs: number[] = [];
  /** Index of the oldest time, once the list is full. */
  #oldest = 0;

  observe(nowMs: number): void {
    if (this.#timesMs.length < HOT_REQUESTS) {
      this.#timesMs.push(nowMs);
      return;
    }
    this.#timesMs[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % HOT_REQUESTS;
  }

  isHot(nowMs: number): boolean {
    return this.#timesMs.length === HOT_REQUESTS && nowMs - this.#timesMs[this.#oldest]! < HOT_PERIOD_MS;
  }
}
