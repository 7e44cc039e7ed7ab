/** Whether a client is hot: so fast, as this isolate sees it, that its usage is gathered before it is sent. */

/** A client that makes so many requests within `WITHIN_MS` is hot. */
export const HOT_REQUESTS = 80;
export const WITHIN_MS = 1_000;

/** The moments of the last requests of one client; a client that is seldom seen takes no more room than these. */
export class RequestRate {
  readonly #times: number[] = [];
  /** Where the oldest of them is, once there are enough. */
  #oldest = 0;

  saw(nowMs: number): void {
    if (this.#times.length < HOT_REQUESTS) {
      this.#times.push(nowMs);
      return;
    }
    this.#times[this.#oldest] = nowMs;
    this.#oldest = (this.#oldest + 1) % HOT_REQUESTS;
  }

  isHot(nowMs: number): boolean {
    return this.#times.length === HOT_REQUESTS && nowMs - this.#times[this.#oldest]! < WITHIN_MS;
  }
}
