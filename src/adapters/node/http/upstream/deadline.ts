/** When a connection to the upstream has waited too long, for what it waits for now. */

/** One sweep checks all connections, so each wait may last up to two sweeps longer than its limit. */
export const SWEEP_MS = 1_000;

/** Bounds of waiting, in milliseconds. */
export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  /** From the last byte of the request that was sent to the head of the answer. */
  readonly headersTimeoutMs: number;
  /** Between two reads of an answer's body. */
  readonly bodyTimeoutMs: number;
}

/** A server that does not say how long it keeps an idle connection keeps it for 5 s or longer, as a rule. */
const IDLE_MS = 4_000;
/** The server's time starts before ours, and a request needs time to reach it. */
const KEEP_ALIVE_MARGIN_MS = 2_000;
const MAX_IDLE_MS = 600_000;

/** What the owner of all connections lends to each. */
interface Timing {
  readonly limits: ConnectionLimits;
  /** Monotonic milliseconds, at most one sweep old. */
  readonly nowMs: number;
}

export class Deadline {
  readonly #timing: Timing;
  #dueMs = 0;

  /** Begins with the time to connect. */
  constructor(timing: Timing) {
    this.#timing = timing;
    this.#allow(timing.limits.connectTimeoutMs + SWEEP_MS);
  }

  isPast(nowMs: number): boolean {
    return nowMs >= this.#dueMs;
  }

  /** A request was sent or something of it or its answer moved: the time starts again. */
  restart(hasAnswered: boolean): void {
    const { bodyTimeoutMs, headersTimeoutMs } = this.#timing.limits;
    this.#allow((hasAnswered ? bodyTimeoutMs : headersTimeoutMs) + SWEEP_MS);
  }

  /**
   * The connection has no request.
   * @param keepAliveMs what the server says; undefined if it does not.
   * @returns whether it may serve another request at all.
   */
  idle(keepAliveMs: number | undefined): boolean {
    const idleMs =
      keepAliveMs === undefined ? IDLE_MS : Math.min(MAX_IDLE_MS, keepAliveMs - KEEP_ALIVE_MARGIN_MS);
    this.#allow(idleMs);
    return idleMs > 0;
  }

  #allow(ms: number): void {
    this.#dueMs = this.#timing.nowMs + ms;
  }
}
