/** Counts and meters one response's body. Every wait for the counter is bounded. */

import type { CountResult } from '../../count/counter.ts';
import type { CountedResponse, MeteredExchange } from '../../exchange/metered-exchange.ts';
import type { DeadlineTimer } from './deadline-timer.ts';

/** Time for a decoder to take a chunk, or to finish a body. After it, the response continues uncounted. */
const COUNT_TIMEOUT_MS = 60_000;

export class BodyCounter {
  readonly #metered: MeteredExchange;
  readonly #counter: CountedResponse['counter'];
  readonly #timer: DeadlineTimer;
  #onDrain: (() => void) | null = null;

  constructor(metered: MeteredExchange, counter: CountedResponse['counter'], timer: DeadlineTimer) {
    this.#metered = metered;
    this.#counter = counter;
    this.#timer = timer;
  }

  /** The counter can take more. */
  onDrain(): void {
    this.#onDrain?.();
  }

  /** Counts a chunk. Returns a promise if the counter cannot take more until it has drained. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#counter === null || this.#counter.write(chunk)) return undefined;
    this.#startTimer();
    return new Promise<void>((resolve) => {
      this.#onDrain = resolve;
    });
  }

  /** Ends the count and the timer. Resolves with null if nothing was counted. */
  async end(ending: 'end' | 'abort'): Promise<CountResult | null> {
    const counter = this.#counter;
    this.#startTimer();
    const result =
      counter === null ? null : await new Promise<CountResult>((resolve) => counter[ending](resolve));
    this.#timer.end();
    return result;
  }

  /**
   * Meters the response. Resolves when its usage is written, with false if it could not be and the response must not be
   * delivered.
   * @param bytes of the body that were delivered, or will be next.
   * @param whole false if the client or the upstream aborted.
   */
  meter(result: CountResult | null, bytes: number, whole: boolean): Promise<boolean> {
    return new Promise((resolve) => this.#metered.settle(result, bytes, whole, resolve));
  }

  /** Only a counter with a decoder can be late. */
  #startTimer(): void {
    const counter = this.#counter;
    if (counter?.giveUp === undefined) this.#timer.end();
    else this.#timer.set(COUNT_TIMEOUT_MS, () => counter.giveUp?.());
  }
}
