/**
 * The time by which usage is metered. It never steps back, and never runs further ahead of the ledger's clock, the one
 * arbiter of all gateways, than a bound: labels that ran backwards would put 25 hours of posts into 24 hours of labels,
 * and a client be billed for them. Where the right time lies behind what was said already, it stands still until then.
 */

export interface ClockOptions {
  /** The machine's clock, epoch milliseconds UTC: it may step at any time. */
  readonly wallMs: () => number;
  /** Milliseconds that never step; they stand still while the machine is suspended. */
  readonly monotonicMs: () => number;
  /**
   * False: the ledger runs in this process and has its clock, so nobody can confirm a step. One ahead is followed, for
   * it only spreads posts over more time; one back is not.
   */
  readonly hasArbiter: boolean;
  /** How far the machine's clock may be off the ledger's, either way. Default 60,000. */
  readonly maxSkewMs?: number;
}

/** The ledger's clock, read between two moments of ours. */
export interface ClockSample {
  readonly ledgerNowMs: number;
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

/**
 * `ok`: by the machine's clock. `unconfirmed`: the same, and the ledger has not been asked lately. `stepped`: the
 * machine's clock stepped and nobody confirms it, so time goes on as before. `skewed`: the machine's clock is off by
 * more than the bound, and the ledger's holds.
 */
export type ClockFlag = 'ok' | 'unconfirmed' | 'stepped' | 'skewed';

/** A machine's clock that moves by more than this against the monotonic one has stepped. */
export const STEP_MS = 2_000;
const usualMaxSkewMs = 60_000;
/** An answer that took longer says too little of when it was given. */
const slowestSampleMs = 2_000;
/** Five samples missed in a row. */
const confirmedForMs = 60_000;

interface Confirmed {
  /** The ledger's clock less the monotonic one. */
  readonly ledgerOffsetMs: number;
  /** The machine's clock less the monotonic one, at that moment. */
  readonly wallOffsetMs: number;
  readonly atMonotonicMs: number;
}

export class MeterClock {
  readonly #options: ClockOptions;
  readonly #maxSkewMs: number;
  /** Where the machine's clock was believed last, less the monotonic one. */
  #heldOffsetMs: number;
  #confirmed: Confirmed | undefined;
  #saidMs = Number.NEGATIVE_INFINITY;
  #flagged: ClockFlag = 'ok';

  constructor(options: ClockOptions) {
    this.#options = options;
    this.#maxSkewMs = options.maxSkewMs ?? usualMaxSkewMs;
    this.#heldOffsetMs = options.wallMs() - options.monotonicMs();
  }

  /**
   * Usage was metered at `lastMs`, epoch milliseconds, before this process began. A machine's clock that is further
   * behind that than the bound was set back while nobody looked; where no ledger's clock can tell, time goes on from
   * there, as after a step back.
   */
  resume(lastMs: number): void {
    if (this.#options.hasArbiter || lastMs - this.#options.wallMs() <= this.#maxSkewMs) return;
    this.#heldOffsetMs = Math.max(this.#heldOffsetMs, lastMs - this.#options.monotonicMs());
  }

  /** Epoch milliseconds UTC, whole. Never less than it said before. */
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

  /** The machine's clock less the ledger's, when that was read last; 0 before. */
  get skewMs(): number {
    const known = this.#confirmed;
    return known === undefined ? 0 : known.wallOffsetMs - known.ledgerOffsetMs;
  }

  /** Nobody has confirmed the machine's clock since it stepped, or since the start: the ledger is to be asked now. */
  get isDoubtful(): boolean {
    const known = this.#confirmed;
    const wallOffsetMs = this.#options.wallMs() - this.#options.monotonicMs();
    return known === undefined || !near(wallOffsetMs, known.wallOffsetMs);
  }

  /** What the ledger's clock said. False: the answer took too long to say anything. */
  confirm(sample: ClockSample): boolean {
    const { ledgerNowMs, sentMonotonicMs, receivedMonotonicMs } = sample;
    if (receivedMonotonicMs - sentMonotonicMs > slowestSampleMs) return false;
    const atMonotonicMs = this.#options.monotonicMs();
    const wallOffsetMs = this.#options.wallMs() - atMonotonicMs;
    const ledgerOffsetMs = ledgerNowMs - (sentMonotonicMs + receivedMonotonicMs) / 2;
    this.#confirmed = { ledgerOffsetMs, wallOffsetMs, atMonotonicMs };
    const skewMs = Math.abs(wallOffsetMs - ledgerOffsetMs);
    const heldSkewMs = Math.abs(this.#heldOffsetMs - ledgerOffsetMs);
    if (skewMs > this.#maxSkewMs) this.#heldOffsetMs = ledgerOffsetMs;
    // A step that leads away from the ledger's clock is not confirmed by it.
    else if (near(wallOffsetMs, this.#heldOffsetMs) || skewMs <= Math.max(heldSkewMs, STEP_MS))
      this.#heldOffsetMs = wallOffsetMs;
    return true;
  }

  /** What is to be added to the monotonic clock; null: the machine's clock is right as it is. */
  #follow(wallOffsetMs: number, monotonicMs: number): number | null {
    if (!this.#options.hasArbiter) return this.#followAlone(wallOffsetMs);
    const known = this.#confirmed;
    // Once the machine's clock has stepped it may be the monotonic one that stood still: what was read is void.
    const valid = known !== undefined && near(wallOffsetMs, known.wallOffsetMs) ? known : undefined;
    if (valid !== undefined && Math.abs(wallOffsetMs - valid.ledgerOffsetMs) > this.#maxSkewMs) {
      this.#flagged = 'skewed';
      return valid.ledgerOffsetMs;
    }
    if (!near(wallOffsetMs, this.#heldOffsetMs)) {
      this.#flagged = 'stepped';
      return this.#heldOffsetMs;
    }
    const isFresh = valid !== undefined && monotonicMs - valid.atMonotonicMs <= confirmedForMs;
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
