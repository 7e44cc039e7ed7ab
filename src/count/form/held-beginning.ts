/** Holds the beginning of a body until it tells what the body is; at most as much as noise may be long. */

import { MAX_NOISE_BYTES } from '../json/trailing-noise.ts';
import { type BodyForm, bodyForm } from './body-form.ts';

export class HeldBeginning {
  /** What the body is; null until that is told. */
  form: BodyForm | null = null;
  /** Where XML begins in what was held. */
  at = 0;
  #held = new Uint8Array(0);
  #length = 0;
  /** The beginning is looked at when so many bytes are there: each time twice as many, so that it takes linear time. */
  #lookAt = 1;

  /** Takes the next chunk. Returns all that has come once the form is told, which may be the chunk itself; else null. */
  read(chunk: Uint8Array): Uint8Array | null {
    const isFirst = this.#length === 0;
    if (isFirst && this.#look(chunk, false)) return chunk;
    this.#keep(chunk);
    return !isFirst && this.#look(this.#bytes, false) ? this.#bytes : null;
  }

  /** The body is over, or was cut. Returns what was held. */
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
    const told = bodyForm(bytes.subarray(0, MAX_NOISE_BYTES), isAll);
    if (told === null) return false;
    this.form = told.form;
    this.at = told.at;
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
