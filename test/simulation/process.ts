/**
 * A process on a simulated machine. Its sleeps, timers and calls end with it. Replies in flight when it died never
 * reach it, so none of its code runs any more, and the disk and the network see no further action of it.
 */

import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export class SimulatedProcess {
  readonly name: string;
  readonly random: Random;
  readonly #scheduler: Scheduler;
  readonly #bornMs: number;
  readonly #onDeath = new Set<() => void>();
  alive = true;

  constructor(name: string, scheduler: Scheduler, random: Random) {
    this.name = name;
    this.#scheduler = scheduler;
    this.random = random;
    this.#bornMs = scheduler.nowMs;
  }

  die(): void {
    this.alive = false;
    for (const tell of this.#onDeath) tell();
  }

  /** Called once, when the process dies; returns a function that unsubscribes. */
  onDeath(tell: () => void): () => void {
    this.#onDeath.add(tell);
    return () => this.#onDeath.delete(tell);
  }

  later(delayMs: number, run: () => void): void {
    this.#scheduler.at(delayMs, () => {
      if (this.alive) run();
    });
  }

  monotonicMs(): number {
    return this.#scheduler.nowMs - this.#bornMs;
  }

  /**
   * Pauses of up to a tenth of a second, and those of a second in polling loops, take fifteen seconds, and no pause
   * takes less than one. An event without work costs as much as another.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => this.alive && resolve(), { once: true });
      this.later(ms <= 100 || ms === 1_000 ? 15_000 : Math.max(ms, 1_000), resolve);
    });
  }

  everyMs(ms: number, run: () => void): () => void {
    let ended = false;
    const again = () =>
      this.later(ms, () => {
        if (ended) return;
        run();
        again();
      });
    again();
    return () => {
      ended = true;
    };
  }
}
