/** Takes an isolate's counts by route to the ledger, a few seconds after the first response that they include. */

import type { CountingBatches } from '../../../report/routes/counting-batches.ts';
import type { CountingBatch } from '../../../report/routes/port.ts';
import { within } from '../within.ts';

export interface CountsSenderOptions {
  readonly batches: CountingBatches;
  /** Calls the object that holds connections to the ledger. Of the request in whose course it is called. */
  readonly send: (batch: CountingBatch) => Promise<void>;
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  readonly nowMs: () => number;
  /** The counts are kept and offered again. */
  readonly onError: (error: unknown) => void;
}

const SEND_AFTER_MS = 5_000;
const ANSWER_WITHIN_MS = 10_000;
/** The runtime ends a request 30 s after its response; its shipment is over by then, finished or not. */
const GIVEN_UP_MS = 60_000;

export class CountsSender {
  readonly #options: CountsSenderOptions;
  #dueSinceMs = Number.NEGATIVE_INFINITY;

  constructor(options: CountsSenderOptions) {
    this.#options = options;
  }

  /** A response was counted: its counts are sent soon, with those of the responses after it. */
  later(): void {
    const { nowMs, keepAlive } = this.#options;
    const now = nowMs();
    if (now - this.#dueSinceMs < GIVEN_UP_MS) return;
    this.#dueSinceMs = now;
    keepAlive(this.#sendSoon());
  }

  async #sendSoon(): Promise<void> {
    const { batches, send, nowMs, onError } = this.#options;
    await new Promise((resolve) => setTimeout(resolve, SEND_AFTER_MS));
    // Responses from here on begin the next shipment.
    this.#dueSinceMs = Number.NEGATIVE_INFINITY;
    batches.gather(nowMs());
    try {
      for (let batch = batches.next(); batch !== null; batch = batches.next()) {
        await within(ANSWER_WITHIN_MS, send(batch), 'the ledger object');
        batches.confirmed(batch);
      }
    } catch (error) {
      onError(error);
    }
  }
}
