/** The skipper as one scanner uses it: what it began in one chunk goes on in the next, whoever had it in between. */

import { OPEN_OBJECT } from './bytes.ts';
import { MORE, type Skipper, type SkipState } from './skip.ts';
import type { Watch } from './watch.ts';

export class HeldSkipper {
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

  startItem(): void {
    this.#skipper.startItem();
  }

  takeNeighbours(): number {
    return this.#skipper.takeNeighbours();
  }

  startWatch(openByte: number, watch: Watch, depth: number): void {
    this.#skipper.startWatch(openByte, watch, depth);
  }

  startString(): void {
    this.#skipper.startString();
  }

  /** Whether something was begun in an earlier chunk and has not gone on yet. */
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

  /** Keeps what was begun, before another scanner has the skipper. */
  leave(): void {
    this.#suspended ??= this.#skipper.suspend();
  }

  /** Goes on in the chunk at hand, as `Skipper.run` does; at its end too. */
  run(chunk: Uint8Array, from: number): number {
    if (this.#suspended !== null) this.#skipper.resume(this.#suspended);
    this.#suspended = null;
    const at = from < chunk.length ? this.#skipper.run(from) : MORE;
    if (at === MORE) this.#suspended = this.#skipper.suspend();
    return at;
  }
}
