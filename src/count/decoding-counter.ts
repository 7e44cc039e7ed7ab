/** Counts a compressed body through an asynchronous decoder. */

import { type CountedBody, ReadingCounter } from './bounded-body.ts';
import type { Counter, CountResult } from './counter.ts';
import type { BodyDecoder, ContentCoding, DecodedBody, Decoders } from './port.ts';

export class DecodingCounter extends ReadingCounter implements Counter, DecodedBody {
  readonly #decoder: BodyDecoder;
  readonly #drained: () => void;
  onDecoded?: () => void;
  /** True once decoding has stopped: the body has ended, or the rest cannot change the result. */
  #isOver = false;
  /** True from a `write` that returned false until `onDrain`. */
  #isFull = false;
  #isCut = false;
  #done: ((result: CountResult) => void) | null = null;

  constructor(body: CountedBody, decoders: Decoders, codings: readonly ContentCoding[], onDrain: () => void) {
    super(body);
    this.#drained = onDrain;
    this.#decoder = decoders.open(codings, this);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isOver) return true;
    const hasRoom = this.#decoder.write(chunk);
    // An earlier write may still wait for `onDrain`. The decoder may have stopped during this write and then never
    // calls it.
    this.#isFull = (this.#isFull || !hasRoom) && !this.#isOver;
    return !this.#isFull;
  }

  end(done: (result: CountResult) => void): void {
    this.#done = done;
    if (this.#isOver) this.#finish();
    else this.#decoder.end();
  }

  abort(done: (result: CountResult) => void): void {
    this.#isCut = true;
    this.end(done);
  }

  onData(chunk: Uint8Array): boolean {
    if (!this.body.write(chunk)) {
      this.#stop();
      return false;
    }
    this.onDecoded?.();
    return true;
  }

  /** Bytes may follow the end of the coded data; their sender must not wait for this decoder. */
  onEnd(): void {
    this.#isOver = true;
    this.onDrain();
    this.#finish();
  }

  onFault(): void {
    this.body.fault();
    this.#stop();
  }

  onDrain(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#drained();
  }

  giveUp(): void {
    if (!this.#isOver) this.onFault();
  }

  /** The client's bytes must not wait for a decoder that has stopped. */
  #stop(): void {
    this.#isOver = true;
    this.#decoder.destroy();
    this.onDrain();
    this.#finish();
  }

  #finish(): void {
    const done = this.#done;
    if (done === null) return;
    this.#done = null;
    done(this.body.result(!this.#isCut));
  }
}
