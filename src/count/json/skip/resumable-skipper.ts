/**
 * The skipper as one scanner uses it: a skip that a chunk boundary interrupts resumes in the next chunk, even if
 * other scanners used the skipper in between.
 */

import type { KeyFilter } from '../automaton/key-filter.ts';
import { OPEN_OBJECT } from '../bytes.ts';
import { MORE, PlainSkipper, type Skipper, type SkipState } from './skip.ts';
import { wasmSkipper } from './skip-wasm.ts';

/** The skipper that all JSON scanners of the process share. Each uses it for one chunk at a time. */
export const jsonSkipper: Skipper = wasmSkipper() ?? new PlainSkipper();

export class ResumableSkipper {
  readonly #skipper: Skipper;
  #suspended: SkipState | null = null;

  constructor(skipper: Skipper) {
    this.#skipper = skipper;
  }

  reset(): void {
    this.#suspended = null;
  }

  begin(chunk: Uint8Array): void {
    this.#skipper.begin(chunk);
  }

  startContainer(openByte: number): void {
    this.#skipper.startContainer(openByte);
  }

  startElement(): void {
    this.#skipper.startElement();
  }

  takeSiblings(): number {
    return this.#skipper.takeSiblings();
  }

  startFiltered(openByte: number, filter: KeyFilter, depth: number): void {
    this.#skipper.startFiltered(openByte, filter, depth);
  }

  startString(): void {
    this.#skipper.startString();
  }

  /** Whether a skip from an earlier chunk has not resumed yet. */
  get isSuspended(): boolean {
    return this.#suspended !== null;
  }

  get depth(): number {
    return this.#skipper.depth;
  }

  /** Whether the container at that depth is an object. */
  isInObject(depth: number): boolean {
    return this.#skipper.openAt(depth) === OPEN_OBJECT;
  }

  /** Saves the state of the skip before another scanner uses the skipper. */
  leave(): void {
    this.#suspended ??= this.#skipper.suspend();
  }

  /** Continues in the current chunk, like `Skipper.run`; also at its end. */
  run(chunk: Uint8Array, from: number): number {
    if (this.#suspended !== null) this.#skipper.resume(this.#suspended);
    this.#suspended = null;
    const at = from < chunk.length ? this.#skipper.run(from) : MORE;
    if (at === MORE) this.#suspended = this.#skipper.suspend();
    return at;
  }
}
