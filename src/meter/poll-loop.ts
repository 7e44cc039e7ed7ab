/**
 * A background loop: one step at a time, resting when there is nothing to do, backing off while steps fail. It
 * rests until work is announced, and checks by itself at intervals.
 */

import { type BackOff, backOffMs } from './back-off.ts';
import type { Timing } from './port.ts';

export interface BackgroundLoopOptions {
  /** Does one piece of work. Returns true if more may be waiting. Throws if the target is unreachable. */
  readonly step: () => Promise<boolean>;
  /** Rest after a step that found nothing more: the longest time from an announcement to the next step. */
  readonly idleMs: number;
  /** Rest while no work is announced. Default `idleMs`. */
  readonly quietMs?: () => number;
  /** Each further such rest is twice as long as the one before, up to this. Default: all are equally long. */
  readonly maxQuietMs?: number;
  /** How long the first work that is announced in such a rest waits for more. Default 0. */
  readonly gatherMs?: number;
  readonly timing: Timing;
  readonly onError?: (error: Error) => void;
}

const BACK_OFF: BackOff = { firstMs: 50, maxMs: 5_000 };

export class BackgroundLoop {
  /** Consecutive failed steps; 0 after a success. */
  failures = 0;
  /** Why the last step failed; absent after a success. */
  lastError: Error | undefined;
  readonly #options: BackgroundLoopOptions;
  #stopped = false;
  #rest = new AbortController();
  #running: Promise<void> | undefined;
  /** Work was announced since the last step began. */
  #isAnnounced = false;
  /** True while it rests until work is announced. */
  #isQuiet = false;
  /** `wake` ended the rest. */
  #isWoken = false;
  /** The last rest since work was announced; 0 if there was none. */
  #quietMs = 0;

  constructor(options: BackgroundLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends a rest, so that the next step begins now. */
  wake(): void {
    this.#isAnnounced = true;
    this.#quietMs = 0;
    this.#isWoken = true;
    this.#rest.abort();
  }

  /** Announces work. The next step begins `gatherMs` later, at least `idleMs` after the last one. */
  announce(): void {
    this.#isAnnounced = true;
    this.#quietMs = 0;
    if (this.#isQuiet) this.#rest.abort();
  }

  /** Resolves after the step in progress. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#isAnnounced = false;
      const restMs = await this.#stepAndRestMs();
      if (restMs > 0 && !this.#stopped) await this.#restFor(restMs);
    }
  }

  async #restFor(restMs: number): Promise<void> {
    const { timing, gatherMs = 0 } = this.#options;
    const longestMs = this.failures > 0 || this.#isAnnounced ? restMs : this.#nextQuietMs();
    if (longestMs <= restMs) return this.#sleep(restMs);
    const sinceMs = timing.monotonicMs();
    this.#isQuiet = true;
    this.#isWoken = false;
    await this.#sleep(longestMs);
    this.#isQuiet = false;
    if (this.#isWoken) return;
    const leftMs = Math.max(restMs - (timing.monotonicMs() - sinceMs), this.#isAnnounced ? gatherMs : 0);
    if (leftMs > 0) await this.#sleep(leftMs);
  }

  #nextQuietMs(): number {
    const { idleMs, quietMs, maxQuietMs = 0 } = this.#options;
    this.#quietMs = Math.max(quietMs?.() ?? idleMs, Math.min(maxQuietMs, 2 * this.#quietMs));
    return this.#quietMs;
  }

  #sleep(ms: number): Promise<void> {
    this.#rest = new AbortController();
    return this.#options.timing.sleep(ms, this.#rest.signal);
  }

  async #stepAndRestMs(): Promise<number> {
    try {
      const more = await this.#options.step();
      this.failures = 0;
      this.lastError = undefined;
      return more ? 0 : this.#options.idleMs;
    } catch (error) {
      this.lastError = error instanceof Error ? error : new Error(String(error));
      this.failures += 1;
      this.#options.onError?.(this.lastError);
      return backOffMs(this.failures, BACK_OFF, this.#options.timing.random());
    }
  }
}
