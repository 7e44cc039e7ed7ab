/** One response that waits until its usage has arrived, by the call of whichever request. */

import type { Released } from '../../meter/meter.ts';
import { runtime } from './runtime.ts';

export class Waiter {
  readonly #released: Released;
  #deliver: boolean | null = null;
  #wake: (() => void) | null = null;

  constructor(released: Released) {
    this.#released = released;
  }

  get isReleased(): boolean {
    return this.#deliver !== null;
  }

  /** May come in the course of another request: the response goes by `finish`, in the course of its own. */
  release(deliver: boolean): void {
    this.#deliver ??= deliver;
    this.wake();
  }

  /** Its own request is to look again what there is to do. */
  wake(): void {
    this.#wake?.();
  }

  /**
   * Waits for `release`, for `wake`, or for `ms`. Another request resolves this promise, and the runtime goes on in the
   * course of the one that made it, by a mark. `new Promise`, once its caller is optimised, is made without the mark
   * (seen after some 15,000 requests): it went on in the other's course, could do no I/O there, and never ended.
   */
  async turn(ms: number): Promise<void> {
    const { promise, resolve } = runtime.Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    this.#wake = null;
    // A timer belongs to the request that set it, and is cleared in its course.
    clearTimeout(timer);
  }

  finish(): void {
    this.#released(this.#deliver === true);
  }
}
