/** Sends an isolate's counts by route to the ledger, a few seconds after the first response that they include. */

import type { CountingBatches } from '../../../report/routes/counting-batches.ts';
import type { CountingBatch } from '../../../report/routes/port.ts';
import { withTimeout } from '../timing.ts';
import { DeferredTask, type DeferredTaskOptions } from './deferred-task.ts';

export interface CountsSenderOptions extends Omit<DeferredTaskOptions, 'run'> {
  readonly batches: CountingBatches;
  /** Calls a ledger object, on behalf of the current request. */
  readonly send: (batch: CountingBatch) => Promise<void>;
  /** The counts are kept and sent again. */
  readonly onError: (error: unknown) => void;
}

const TIMEOUT_MS = 10_000;

export class CountsSender {
  readonly #options: CountsSenderOptions;
  readonly #task: DeferredTask;

  constructor(options: CountsSenderOptions) {
    this.#options = options;
    this.#task = new DeferredTask({ ...options, run: () => this.#send() });
  }

  /** A response was counted. */
  schedule(): void {
    this.#task.schedule();
  }

  async #send(): Promise<void> {
    const { batches, send, nowMs } = this.#options;
    batches.gather(nowMs());
    for (let batch = batches.next(); batch !== null; batch = batches.next()) {
      await withTimeout(TIMEOUT_MS, send(batch), 'the ledger object');
      batches.confirmed(batch);
    }
  }
}
