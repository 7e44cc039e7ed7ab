/** Limits the verifications of signatures, which cost about 130 µs each, per second of a process and of a caller. */

export interface VerificationLimits {
  readonly maxPerSecond: number;
  readonly maxPerCaller: number;
}

export class VerificationBudget {
  readonly #limits: VerificationLimits;
  #second = 0;
  #taken = 0;
  /** Holds at most `maxPerSecond` callers. */
  readonly #byCaller = new Map<string, number>();

  constructor(limits: VerificationLimits) {
    this.#limits = limits;
  }

  /** Takes one verification. Returns false, and takes nothing, if the caller or the process has none left. */
  take(caller: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
      this.#byCaller.clear();
    }
    const taken = this.#byCaller.get(caller) ?? 0;
    if (this.#taken >= this.#limits.maxPerSecond || taken >= this.#limits.maxPerCaller) return false;
    this.#taken += 1;
    this.#byCaller.set(caller, taken + 1);
    return true;
  }
}
