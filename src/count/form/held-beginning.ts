/** Holds the beginning of a body until its form is known, at most as much as the maximum length of noise. */

import { MAX_NOISE_BYTES } from '../json/skip/trailing-noise.ts';
import { type BodyForm, bodyForm } from './body-form.ts';

export class HeldBeginning {
  /** The form of the body; null until it is known. */
  form: BodyForm | null = null;
  /** The position in the held bytes at which XML begins. */
  at = 0;
  #held = new Uint8Array(0);
  #length = 0;
  /**
   * The number of bytes at which the beginning is examined next; it doubles each time, so the total time is linear.
   */
  #lookAt = 1;

  /** Takes the next chunk. Returns all bytes once the form is known, possibly the chunk itself; else null. */
  read(chunk: Uint8Array): Uint8Array | null {
    const isFirst = this.#length === 0;
    if (isFirst && this.#look(chunk, false)) return chunk;
    this.#keep(chunk);
    return !isFirst && this.#look(this.#bytes, false) ? this.#bytes : null;
  }

  /** Called when the body ended or was cut. Returns the held bytes. */
  end(): Uint8Array {
    this.#look(this.#bytes, true);
    return this.#bytes;
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
    this.form = detected.form;
    this.at = detected.at;
    return true;
  }

  #keep(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#held.length));
      larger.set(this.#bytes);
      this.#held = larger;
    }
    this.#held.set(chunk, this.#length);
    this.#length = length;
  }
}
