/** Parses the response to one request from the bytes of a connection: heads, then the framed body. It does no I/O. */

import { ChunkedDecoder } from './chunked-decoder.ts';
import { HeadBuffer } from './head-buffer.ts';
import { badResponse } from './header-field.ts';
import { CHUNKED, type ResponseHead, type ResponseHeads, UNTIL_CLOSE } from './response-head.ts';

export interface ResponseEvents {
  /** Called for each 1xx response, then for the final one. */
  onHead(head: ResponseHead): void;
  onBody(data: Buffer): void;
}

const NO_TRAILERS: string[] = [];

export class ResponseReader {
  readonly #heads: ResponseHeads;
  readonly #events: ResponseEvents;
  readonly #head = new HeadBuffer();
  #state: 'head' | 'length' | 'chunks' | 'until_close' | 'done' = 'done';
  #method = '';
  #isUpgrade = false;
  /** Bytes of a body of known length that are still to come. */
  #remaining = 0;
  #chunks: ChunkedDecoder | null = null;
  /** True from the final head until the next `begin`. */
  hasFinalHead = false;
  keepsAlive = false;
  keepAliveMs: number | undefined;

  constructor(heads: ResponseHeads, events: ResponseEvents) {
    this.#heads = heads;
    this.#events = events;
  }

  /** @param isUpgrade whether 101 is an expected response. */
  begin(method: string, isUpgrade: boolean): void {
    this.#state = 'head';
    this.#method = method;
    this.#isUpgrade = isUpgrade;
    this.hasFinalHead = false;
  }

  /** True if no response is expected: any byte is unsolicited. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** The trailers of a complete response as a flat list. @throws UpstreamError if one is not valid. */
  takeTrailers(): string[] {
    const trailers = this.#chunks?.trailers() ?? NO_TRAILERS;
    this.#chunks = null;
    return trailers;
  }

  /**
   * @returns the index in `bytes` after the response; the length of `bytes` if the response continues.
   * @throws UpstreamError if the response is not valid.
   */
  read(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') {
      at = this.#state === 'head' ? this.#readHead(bytes, at) : this.#readBody(bytes, at);
    }
    return at;
  }

  /** The connection has ended. @returns whether that completes the response. */
  endOfInput(): boolean {
    const isComplete = this.#state === 'until_close';
    this.#state = 'done';
    return isComplete;
  }

  /** Ends the response; no more events follow. */
  stop(): void {
    this.#state = 'done';
    this.#chunks = null;
    this.#head.clear();
  }

  #readHead(bytes: Buffer, from: number): number {
    const found = this.#head.take(bytes, from);
    if (found === null) return bytes.length;
    const head = this.#heads.read(found.text, this.#method);
    const isSwitch = head.status === 101;
    if (isSwitch && !this.#isUpgrade)
      throw badResponse('The upstream switched protocols although no upgrade was requested.');
    if (head.status >= 200 || isSwitch) this.#beginBody(head, isSwitch);
    this.#events.onHead(head);
    return found.end;
  }

  #beginBody({ length, keepsAlive, keepAliveMs }: ResponseHead, isSwitch: boolean): void {
    this.hasFinalHead = true;
    this.keepsAlive = keepsAlive;
    this.keepAliveMs = keepAliveMs;
    this.#remaining = length;
    if (length === 0 || isSwitch) this.#state = 'done';
    else if (length === CHUNKED) {
      this.#state = 'chunks';
      this.#chunks = new ChunkedDecoder();
    } else this.#state = length === UNTIL_CLOSE ? 'until_close' : 'length';
  }

  #readBody(bytes: Buffer, from: number): number {
    if (this.#state === 'chunks') {
      const chunks = this.#chunks!;
      const end = chunks.write(bytes, from, this.#onChunk);
      if (chunks.isDone) this.#state = 'done';
      return end;
    }
    let end = bytes.length;
    if (this.#state === 'length') {
      end = Math.min(end, from + this.#remaining);
      this.#remaining -= end - from;
      if (this.#remaining === 0) this.#state = 'done';
    }
    this.#events.onBody(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    return end;
  }

  readonly #onChunk = (data: Buffer): void => {
    // The owner may have aborted during the previous chunk.
    if (this.#state === 'chunks') this.#events.onBody(data);
  };
}
