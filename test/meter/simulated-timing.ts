/** Time that does not pass until a test advances it. */

import type { Timing } from '../../src/meter/port.ts';

interface Sleeper {
  readonly wakesMs: number;
  readonly wake: () => void;
}

export class SimulatedTiming implements Timing {
  #nowMs: number;
  #leaptMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs + this.#leaptMs;
  }

  /** Sets the clock. No time passes. */
  leap(ms: number): void {
    this.#leaptMs += ms;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return 0.5;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        wakesMs: this.#nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      if (signal.aborted) sleeper.wake();
      else signal.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Advances the time, and runs everything that becomes due to its end, in order. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const next = [...this.#sleepers].sort((a, b) => a.wakesMs - b.wakesMs)[0];
      if (!next || next.wakesMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.wakesMs);
      next.wake();
      await settled();
    }
    this.#nowMs = untilMs;
  }
}

/** Runs everything that waits only for promises. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
