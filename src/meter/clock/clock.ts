/**
 * The metering clock. It is monotonic and stays within a bound of the ledger's clock, the single reference of all
 * gateways. If it went backwards, 25 hours of posts could fall into a 24-hour window and be billed. If the correct
 * time is behind what was already returned, it stops until then.
 */

export interface ClockOptions {
  /** The machine's clock, epoch milliseconds UTC. It may step at any time. */
  readonly wallMs: () => number;
  /** Milliseconds that never step. They stop while the machine is suspended. */
  readonly monotonicMs: () => number;
  /**
   * False if the ledger runs in this process with the same clock, so that no step can be confirmed. A step ahead is
   * followed, because it only spreads posts over more time; a step back is not.
   */
  readonly hasArbiter: boolean;
  /** Maximum difference between the machine's clock and the ledger's, either way. Default 60,000. */
  readonly maxSkewMs?: number;
}

/** The ledger's clock, read between two of our timestamps. */
export interface ClockSample {
  readonly ledgerNowMs: number;
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

/**
 * `ok`: by the machine's clock. `unconfirmed`: the same, without a recent sample of the ledger's. `stepped`: the
 * machine's clock stepped without confirmation, so time continues as before. `skewed`: the machine's clock is off
 * by more than the bound, and the ledger's is used.
 */
export type ClockFlag = 'ok' | 'unconfirmed' | 'stepped' | 'skewed';

/** A machine's clock that moves by more than this relative to the monotonic one has stepped. */
export const STEP_MS = 2_000;
const DEFAULT_MAX_SKEW_MS = 60_000;
/** The time of a slower response is too uncertain. */
const MAX_SAMPLE_MS = 2_000;
/** Five consecutive samples missed. */
const CONFIRMED_FOR_MS = 60_000;

interface ClockConfirmation {
  /** The ledger's clock minus the monotonic one. */
  readonly ledgerOffsetMs: number;
  /** The machine's clock minus the monotonic one, at that time. */
  readonly wallOffsetMs: number;
  readonly atMonotonicMs: number;
}

export class MeterClock {
  readonly #options: ClockOptions;
  readonly #maxSkewMs: number;
  /** The last trusted value of the machine's clock, minus the monotonic one. */
  #heldOffsetMs: number;
  #confirmed: ClockConfirmation | undefined;
  #saidMs = Number.NEGATIVE_INFINITY;
  #flagged: ClockFlag = 'ok';

  constructor(options: ClockOptions) {
    this.#options = options;
    this.#maxSkewMs = options.maxSkewMs ?? DEFAULT_MAX_SKEW_MS;
    this.#heldOffsetMs = options.wallMs() - options.monotonicMs();
  }

  /**
   * Resumes from the last metered time before this process began, in epoch milliseconds. A machine's clock further
   * behind it than the bound was set back while the process was off. If no ledger's clock can confirm that, time
   * continues from there, as after a step back.
   */
  resume(lastMs: number): void {
    if (this.#options.hasArbiter || lastMs - this.#options.wallMs() <= this.#maxSkewMs) return;
    this.#heldOffsetMs = Math.max(this.#heldOffsetMs, lastMs - this.#options.monotonicMs());
  }

  /** Epoch milliseconds UTC, whole. Never less than an earlier result. */
  nowMs(): number {
    const wallMs = this.#options.wallMs();
    const monotonicMs = this.#options.monotonicMs();
    const offsetMs = this.#follow(wallMs - monotonicMs, monotonicMs);
    const nowMs = offsetMs === null ? wallMs : Math.floor(monotonicMs + offsetMs);
    if (nowMs > this.#saidMs) this.#saidMs = nowMs;
    return this.#saidMs;
  }

  get flagged(): ClockFlag {
    this.nowMs();
    return this.#flagged;
  }

  /** The machine's clock minus the ledger's at the last sample; 0 before the first. */
  get skewMs(): number {
    const known = this.#confirmed;
    return known === undefined ? 0 : known.wallOffsetMs - known.ledgerOffsetMs;
  }

  /** True if the machine's clock is unconfirmed since it stepped or since the start; the ledger must be read now. */
  get isDoubtful(): boolean {
    const known = this.#confirmed;
    const wallOffsetMs = this.#options.wallMs() - this.#options.monotonicMs();
    return known === undefined || !near(wallOffsetMs, known.wallOffsetMs);
  }

  /** Applies a sample of the ledger's clock. Returns false if the response was too slow to be used. */
  confirm(sample: ClockSample): boolean {
    const { ledgerNowMs, sentMonotonicMs, receivedMonotonicMs } = sample;
    if (receivedMonotonicMs - sentMonotonicMs > MAX_SAMPLE_MS) return false;
    const atMonotonicMs = this.#options.monotonicMs();
    const wallOffsetMs = this.#options.wallMs() - atMonotonicMs;
    const ledgerOffsetMs = ledgerNowMs - (sentMonotonicMs + receivedMonotonicMs) / 2;
    this.#confirmed = { ledgerOffsetMs, wallOffsetMs, atMonotonicMs };
    const skewMs = Math.abs(wallOffsetMs - ledgerOffsetMs);
    const heldSkewMs = Math.abs(this.#heldOffsetMs - ledgerOffsetMs);
    if (skewMs > this.#maxSkewMs) this.#heldOffsetMs = ledgerOffsetMs;
    // A step away from the ledger's clock is not confirmed by it.
    else if (near(wallOffsetMs, this.#heldOffsetMs) || skewMs <= Math.max(heldSkewMs, STEP_MS))
      this.#heldOffsetMs = wallOffsetMs;
    return true;
  }

  /** Returns the offset to add to the monotonic clock; null if the machine's clock is correct. */
  #follow(wallOffsetMs: number, monotonicMs: number): number | null {
    if (!this.#options.hasArbiter) return this.#followAlone(wallOffsetMs);
    const known = this.#confirmed;
    // After a step of the machine's clock, the monotonic one may have stopped, so the sample is void.
    const valid = known !== undefined && near(wallOffsetMs, known.wallOffsetMs) ? known : undefined;
    if (valid !== undefined && Math.abs(wallOffsetMs - valid.ledgerOffsetMs) > this.#maxSkewMs) {
      this.#flagged = 'skewed';
      return valid.ledgerOffsetMs;
    }
    if (!near(wallOffsetMs, this.#heldOffsetMs)) {
      this.#flagged = 'stepped';
      return this.#heldOffsetMs;
    }
    const isFresh = valid !== undefined && monotonicMs - valid.atMonotonicMs <= CONFIRMED_FOR_MS;
    this.#flagged = isFresh ? 'ok' : 'unconfirmed';
    return null;
  }

  #followAlone(wallOffsetMs: number): number | null {
    if (wallOffsetMs < this.#heldOffsetMs - STEP_MS) {
      this.#flagged = 'stepped';
      return this.#heldOffsetMs;
    }
    if (wallOffsetMs > this.#heldOffsetMs) this.#heldOffsetMs = wallOffsetMs;
    this.#flagged = 'ok';
    return null;
  }
}

function near(oneMs: number, otherMs: number): boolean {
  return Math.abs(oneMs - otherMs) <= STEP_MS;
}
