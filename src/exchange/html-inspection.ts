/** Reads what the head of an HTML page declares, while the body arrives, possibly compressed. */

import { readCodings } from '../count/content-coding.ts';
import type { BodyDecoder, DecodedBody, Decoders } from '../count/port.ts';
import { HtmlHead } from '../rights/declared/html-head.ts';
import { NOT_KNOWN } from '../rights/enforcement.ts';
import type { StateMask } from '../rights/state.ts';

const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;

const PARTS = /^\s*multipart\/byteranges\s*(?:;|$)/i;

/** True if the response is a part of a page, or of something that may be one: its head is not in the body. */
export function isPagePart(status: number, contentType: string | undefined): boolean {
  return status === 206 && contentType !== undefined && (HTML.test(contentType) || PARTS.test(contentType));
}

/** True if the response has a body that is an HTML page. */
export function isPage(method: string, status: number, contentType: string | undefined): boolean {
  const hasBody = method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
  return hasBody && contentType !== undefined && HTML.test(contentType);
}

export class HtmlInspection implements DecodedBody {
  /** True if the response must not begin before `onDecided`. */
  readonly isHeld: boolean;
  /** Called once, when the declarations have been read. Compressed bodies are decoded asynchronously. */
  onDecided: () => void = () => {};
  isDecided = false;
  readonly #declare: (states: StateMask) => void;
  readonly #head = new HtmlHead();
  /** Null for a body that is not compressed. */
  readonly #decoder: BodyDecoder | null;
  readonly #isReadable: boolean;

  /** @param declare receives the states, before `onDecided` is called. A page that cannot be read has unknown states. */
  constructor(
    contentEncoding: string | undefined,
    decoders: Decoders,
    isHeld: boolean,
    declare: (states: StateMask) => void,
  ) {
    this.isHeld = isHeld;
    this.#declare = declare;
    const codings = readCodings(contentEncoding);
    this.#isReadable = codings !== undefined;
    this.#decoder = codings === undefined || codings.length === 0 ? null : decoders.open(codings, this);
  }

  /** Takes a chunk of the body as the platform sent it. */
  write(chunk: Uint8Array): void {
    if (this.isDecided) return;
    if (!this.#isReadable) this.#decide(NOT_KNOWN);
    else if (this.#decoder !== null) this.#decoder.write(chunk);
    else this.onData(chunk);
  }

  /** The body has ended. */
  end(): void {
    if (this.isDecided) return;
    if (this.#decoder !== null) this.#decoder.end();
    else this.onEnd();
  }

  /** Stops without a decision. */
  destroy(): void {
    this.isDecided = true;
    this.#decoder?.destroy();
  }

  onData(chunk: Uint8Array): boolean {
    this.#head.write(chunk);
    if (this.#head.isOver) this.#decide(this.#head.states);
    return !this.#head.isOver;
  }

  onEnd(): void {
    this.#decide(this.#head.states);
  }

  onFault(): void {
    this.#decide(this.#head.states | NOT_KNOWN);
  }

  onDrain(): void {}

  #decide(states: StateMask): void {
    if (this.isDecided) return;
    this.isDecided = true;
    this.#declare(states);
    this.onDecided();
  }
}
