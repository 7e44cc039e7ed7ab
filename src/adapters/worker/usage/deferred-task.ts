/** A task that runs behind a response, some seconds after it was first requested. Requests until then share the run. */

import { sleep } from '../timing.ts';

export interface DeferredTaskOptions {
  readonly run: () => Promise<void>;
  /** Keeps the current request alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  readonly nowMs: () => number;
  readonly onError: (error: unknown) => void;
}

const DELAY_MS = 5_000;
/** The runtime ends a request 30 s after its response, so a run that has not started by then never will. */
const GIVEN_UP_MS = 60_000;

export class DeferredTask {
  readonly #options: DeferredTaskOptions;
  #scheduledMs = Number.NEGATIVE_INFINITY;

  constructor(options: DeferredTaskOptions) {
    this.#options = options;
  }

  schedule(): void {
    const { nowMs, keepAlive } = this.#options;
    const now = nowMs();
    if (now - this.#scheduledMs < GIVEN_UP_MS) return;
    this.#scheduledMs = now;
    keepAlive(this.#runLater());
  }

  async #runLater(): Promise<void> {
    const { run, onError } = this.#options;
    await sleep(DELAY_MS);
    // A request that arrives during the run schedules the next one.
    this.#scheduledMs = Number.NEGATIVE_INFINITY;
    await run().catch(onError);
  }
}
