/** One response that waits until its usage has arrived, by the call of whichever request. */

import type { ReleaseCallback } from '../../meter/meter.ts';
import { runtime } from './runtime.ts';

export class Waiter {
  readonly #released: ReleaseCallback;
  #deliver: boolean | null = null;
  #wake: (() => void) | null = null;

  constructor(released: ReleaseCallback) {
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
   * Waits for `release`, for `wake`, or for `ms`. Another request resolves the promise `woken`, and the runtime continues
   * in the course of the one that made it, by a mark. `new Promise`, once its caller is optimised, is made without the
   * mark (seen after some 15,000 requests): it continued in the other's course, could do no I/O there, and never ended.
   * The timer has a promise of its own: what another request has resolved, but the runtime has not yet brought here, the
   * timer could not resolve any more. With nothing left to wait for the runtime took the request for hung, and ended it
   * (under load, 58 of 4,000).
   */
  async turn(ms: number): Promise<void> {
    const woken = runtime.Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([woken.promise, late]);
    this.#wake = null;
    // A timer belongs to the request that set it, and is cleared in its course.
    clearTimeout(timer);
  }

  finish(): void {
    this.#released(this.#deliver === true);
  }
}
