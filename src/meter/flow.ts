/** A background loop: one step at a time, resting when there is nothing to do, backing off while steps fail. */

import { type BackOff, backOffMs } from './back-off.ts';
import type { Timing } from './port.ts';

export interface FlowOptions {
  /** Does one piece of work; true where more may be waiting. Throws where the target is away. */
  readonly step: () => Promise<boolean>;
  /** Rest after a step that found nothing more. */
  readonly idleMs: number;
  readonly timing: Timing;
  readonly onError?: (error: Error) => void;
}

const BACK_OFF: BackOff = { firstMs: 50, longestMs: 5_000 };

export class Flow {
  /** Steps failed in a row; 0 while all is well. */
  failures = 0;
  /** Why the last step failed; absent once one has succeeded again. */
  lastError: Error | undefined;
  readonly #options: FlowOptions;
  #stopped = false;
  #rest = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends a rest, so that the next step begins now. */
  wake(): void {
    this.#rest.abort();
  }

  /** Resolves after the step that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const restMs = await this.#stepAndRestMs();
      if (restMs === 0 || this.#stopped) continue;
      this.#rest = new AbortController();
      await this.#options.timing.sleep(restMs, this.#rest.signal);
    }
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
