/** A response that waits until its usage is with the client's object, through a call of this request or another. */

import type { ReleaseCallback } from '../../../meter/meter.ts';
import { runtime } from '../runtime.ts';

export class PendingResponse {
  readonly #released: ReleaseCallback;
  #deliver: boolean | null = null;
  #wake: (() => void) | null = null;

  constructor(released: ReleaseCallback) {
    this.#released = released;
  }

  get isReleased(): boolean {
    return this.#deliver !== null;
  }

  /** May be called by another request. The response's own request delivers it by `finish`. */
  release(deliver: boolean): void {
    this.#deliver ??= deliver;
    this.wake();
  }

  /** Makes the response's own request check again what to do. */
  wake(): void {
    this.#wake?.();
  }

  /**
   * Waits for `release`, for `wake`, or for `ms`. If another request resolves the promise `woken`, the runtime continues in
   * the request that created it, which it finds by a mark on the promise. A promise of `new Promise` lacks the mark once
   * its caller is optimised (observed after some 15,000 requests): it continued in the other request, could do no I/O
   * there, and never ended. `withResolvers` sets the mark.
   * The timer has its own promise: it cannot resolve `woken` again after another request has, and until the runtime
   * continues here, this request would have nothing to wait for. The runtime ends such a request as hung (under load, 58
   * of 4,000).
   */
  async wait(ms: number): Promise<void> {
    const woken = runtime.Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([woken.promise, timeout]);
    this.#wake = null;
    clearTimeout(timer);
  }

  finish(): void {
    this.#released(this.#deliver === true);
  }
}
