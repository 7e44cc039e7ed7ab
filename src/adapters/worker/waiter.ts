/** One response that waits until its usage has arrived, by the call of whichever request. */

import type { Released } from '../../meter/meter.ts';

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

  /** Waits for `release`, for `wake`, or for `ms`. */
  async turn(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    this.#wake = null;
    // A timer belongs to the request that set it, and is cleared in its course.
    clearTimeout(timer);
  }

  finish(): void {
    this.#released(this.#deliver === true);
  }
}
