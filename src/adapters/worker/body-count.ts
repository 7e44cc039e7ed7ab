/** Counting one response's body: the counter with its waits, each of which is bounded, and the metering at the end. */

import type { CountResult } from '../../count/counter.ts';
import type { CountedResponse, MeteredExchange } from '../../gateway.ts';
import type { Watch } from './watch.ts';

/** For a decoder to take a chunk, or to finish a body. After it the response continues and is uncounted. */
const COUNT_TIMEOUT_MS = 60_000;

export class BodyCount {
  readonly #metered: MeteredExchange;
  readonly #counter: CountedResponse['counter'];
  readonly #watch: Watch;
  #drained: (() => void) | null = null;

  constructor(metered: MeteredExchange, counter: CountedResponse['counter'], watch: Watch) {
    this.#metered = metered;
    this.#counter = counter;
    this.#watch = watch;
  }

  /** The counter can take more again. */
  drained(): void {
    this.#drained?.();
  }

  /** Takes a chunk. A promise if the counter cannot take more for now. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#counter === null || this.#counter.write(chunk)) return undefined;
    this.#watchCounter();
    return new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  /** The body is over; null if nothing was counted. The watch ends with it. */
  async end(ending: 'end' | 'abort'): Promise<CountResult | null> {
    const counter = this.#counter;
    this.#watchCounter();
    const result =
      counter === null ? null : await new Promise<CountResult>((resolve) => counter[ending](resolve));
    this.#watch.end();
    return result;
  }

  /**
   * Resolves when the usage is written: false if it could not be, and the response must not be delivered.
   * @param bytes of the body that the client was given, or is given next.
   */
  meter(result: CountResult | null, bytes: number, whole: boolean): Promise<boolean> {
    return new Promise((resolve) => this.#metered.settle(result, bytes, whole, resolve));
  }

  /** Only a decoder makes its caller wait. */
  #watchCounter(): void {
    const counter = this.#counter;
    if (counter?.giveUp === undefined) this.#watch.end();
    else this.#watch.until(COUNT_TIMEOUT_MS, () => counter.giveUp?.());
  }
}
