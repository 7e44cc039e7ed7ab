/** The deadline of a connection to the upstream: for connecting, a response head, a body, or the next request. */

/** Interval of the check of all connections, in ms. A wait may exceed its limit by up to two intervals. */
export const SWEEP_MS = 1_000;

/** Time limits in milliseconds. */
export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  /** From the last byte of the request to the head of the response. */
  readonly headersTimeoutMs: number;
  /** Between two reads of the response body. */
  readonly bodyTimeoutMs: number;
}

/** A server without a Keep-Alive field usually keeps an idle connection for 5 s or longer. */
const IDLE_MS = 4_000;
/** Subtracted from the server's time, which starts before ours, because a request needs time to arrive. */
const KEEP_ALIVE_MARGIN_MS = 2_000;
const MAX_IDLE_MS = 600_000;

/** Limits and clock, shared by all connections. */
interface DeadlineContext {
  readonly limits: ConnectionLimits;
  /** Monotonic milliseconds, at most one sweep old. */
  readonly nowMs: number;
}

export class Deadline {
  readonly #context: DeadlineContext;
  #dueMs = 0;

  /** Starts with the time to connect. */
  constructor(context: DeadlineContext) {
    this.#context = context;
    this.#allow(context.limits.connectTimeoutMs + SWEEP_MS);
  }

  isPast(nowMs: number): boolean {
    return nowMs >= this.#dueMs;
  }

  /** Restarts the time after progress of the request or its response. */
  restart(hasFinalHead: boolean): void {
    const { bodyTimeoutMs, headersTimeoutMs } = this.#context.limits;
    this.#allow((hasFinalHead ? bodyTimeoutMs : headersTimeoutMs) + SWEEP_MS);
  }

  /**
   * Starts the idle time, in which the connection has no request.
   * @param keepAliveMs from the server's Keep-Alive field; undefined if it has none.
   * @returns whether the connection may serve another request.
   */
  idle(keepAliveMs: number | undefined): boolean {
    const idleMs =
      keepAliveMs === undefined ? IDLE_MS : Math.min(MAX_IDLE_MS, keepAliveMs - KEEP_ALIVE_MARGIN_MS);
    this.#allow(idleMs);
    return idleMs > 0;
  }

  #allow(ms: number): void {
    this.#dueMs = this.#context.nowMs + ms;
  }
}
