/** Reads the head of an HTML page while it arrives: the states that its `meta` elements declare for the whole page. */

import { type TagEvents, Tags } from '../../count/html/tags.ts';
import { maskOf, type StateMask } from '../state.ts';
import { statesInRobots } from './response-states.ts';

/** A head that is longer is read only up to here. */
const MAX_HEAD_BYTES = 64 * 1024;

export class HtmlHead implements TagEvents {
  readonly isForeign = false;
  /** The states declared so far. */
  states: StateMask = 0;
  /** True once the head has ended, or is too long. */
  isOver = false;
  #bytes = 0;
  readonly #tags = new Tags(['name', 'content'], this);
  /** One byte becomes one character. The names and values that matter are ASCII. */
  readonly #decoder = new TextDecoder('latin1');

  /** Takes the next bytes of the decoded body. */
  write(chunk: Uint8Array): void {
    if (this.isOver) return;
    const read = chunk.subarray(0, MAX_HEAD_BYTES - this.#bytes);
    this.#bytes += read.length;
    this.#tags.write(this.#decoder.decode(read, { stream: true }));
    if (this.#bytes === MAX_HEAD_BYTES) this.isOver = true;
  }

  startTag(name: string): boolean {
    if (name === 'body') this.#end();
    if (name === 'meta' && !this.isOver) this.states |= statesInMeta(this.#tags.values);
    return false;
  }

  endTag(name: string): void {
    if (name === 'head') this.#end();
  }

  text(): void {}

  /** An attribute that long declares nothing. */
  tooLong(): void {}

  #end(): void {
    this.isOver = true;
    this.#tags.stop();
  }
}

function statesInMeta([name, content]: ReadonlyArray<string | null>): StateMask {
  const value = content ?? '';
  switch (name?.trim().toLowerCase()) {
    case 'robots':
      return statesInRobots(value);
    case 'tdm-reservation':
      return value.trim() === '1' ? maskOf(['no_training']) : 0;
    default:
      return 0;
  }
}
