/** Holds the beginning of a body until its form is known, at most as much as the maximum length of noise. */

import { MAX_NOISE_BYTES } from '../json/skip/trailing-noise.ts';
import { withRoom } from '../with-room.ts';
import { type BodyForm, bodyForm } from './body-form.ts';

/** Receives all held bytes once the form is known. @param xmlAt the position in them at which XML begins. */
export type BeginBody = (held: Uint8Array, form: BodyForm, xmlAt: number) => void;

export class HeldBeginning {
  readonly #begin: BeginBody;
  #isOver = false;
  #held = new Uint8Array(0);
  #length = 0;
  /**
   * The number of bytes at which the beginning is examined next; it doubles each time, so the total time is linear.
   */
  #lookAt = 1;

  /** @param begin called once. */
  constructor(begin: BeginBody) {
    this.#begin = begin;
  }

  /** Takes the next chunk. Returns false if the form is already known, so that the caller reads the chunk itself. */
  takes(chunk: Uint8Array): boolean {
    if (this.#isOver) return false;
    const isFirst = this.#length === 0;
    if (isFirst && this.#look(chunk, false)) return true;
    this.#keep(chunk);
    if (!isFirst) this.#look(this.#bytes, false);
    return true;
  }

  /** Called when the body ended or was cut, and the held bytes must suffice. */
  end(): void {
    if (!this.#isOver) this.#look(this.#bytes, true);
  }

  get #bytes(): Uint8Array {
    return this.#held.subarray(0, this.#length);
  }

  #look(bytes: Uint8Array, isWhole: boolean): boolean {
    if (bytes.length < this.#lookAt && !isWhole) return false;
    this.#lookAt = Math.min(2 * bytes.length, MAX_NOISE_BYTES);
    const isAll = isWhole || bytes.length >= MAX_NOISE_BYTES;
    const detected = bodyForm(bytes.subarray(0, MAX_NOISE_BYTES), isAll);
    if (detected === null) return false;
    this.#isOver = true;
    this.#begin(bytes, detected.form, detected.at);
    return true;
  }

  #keep(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    this.#held = withRoom(this.#held, this.#length, length);
    this.#held.set(chunk, this.#length);
    this.#length = length;
  }
}
