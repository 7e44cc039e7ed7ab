/**
 * Splits a multipart body (RFC 2046, section 5.1.1) as it arrives, at lines that begin with the boundary. The library
 * multipasta is not used: it adds a part if a chunk boundary is inside a closing delimiter, refuses parts without
 * header fields and lines that end in a bare line feed, and keeps pieces of the chunks.
 */

import { LINE_FEED } from '../json/bytes.ts';

/** Takes the bytes of one part, head and body. */
export interface PartReader {
  /** `bytes` are not kept. */
  write(bytes: Uint8Array): void;
  end(): void;
}

const DASH = 0x2d;

/** RFC 2046 allows 70. */
const MAX_BOUNDARY_LENGTH = 200;
const BOUNDARY = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)+)"|([^\s;"]+))/i;

/** The boundary in a Content-Type; undefined if there is no usable one. */
export function boundaryOf(contentType: string): string | undefined {
  const [, quoted, token] = BOUNDARY.exec(contentType) ?? [];
  const boundary = quoted?.replace(/\\(.)/g, '$1') ?? token;
  return boundary !== undefined && boundary.length <= MAX_BOUNDARY_LENGTH ? boundary : undefined;
}

/** The position of the next byte. */
const LINE_START = 0;
const IN_LINE = 1;
/** After the boundary; the next byte shows whether it is a delimiter or other text. */
const AFTER_BOUNDARY = 2;
const AFTER_DASH = 3;
const DELIMITER_END = 4;
const CLOSED = 5;

export class Parts {
  readonly #open: () => PartReader;
  readonly #onNone: () => void;
  /** Two dashes, the boundary, and the dash that may follow it. */
  readonly #delimiter: Uint8Array;
  readonly #boundaryEnd: number;
  #state = LINE_START;
  /** Number of delimiter bytes directly before the next byte. */
  #matched = 0;
  /** Number of those bytes that came in earlier chunks and were not passed to a part. */
  #held = 0;
  /** Positions in the current chunk: the first byte that the part has not seen, and the start of the line. */
  #unseen = 0;
  #lineAt = 0;
  /** True once a delimiter was found. */
  #hasBegun = false;
  /** Null before the first delimiter and after the last. */
  #part: PartReader | null = null;

  /**
   * @param open called for each part; its result then receives the part's bytes.
   * @param onNone called at the end if no delimiter was found, so the body is not multipart.
   */
  constructor(boundary: string, open: () => PartReader, onNone: () => void) {
    this.#open = open;
    this.#onNone = onNone;
    this.#delimiter = new TextEncoder().encode(`--${boundary}-`);
    this.#boundaryEnd = this.#delimiter.length - 1;
  }

  write(chunk: Uint8Array): void {
    this.#unseen = 0;
    this.#lineAt = 0;
    let at = 0;
    while (at < chunk.length && this.#state !== CLOSED) at = this.#read(chunk, at);
    if (this.#state === IN_LINE) this.#show(chunk, chunk.length);
    else if (this.#state < DELIMITER_END) {
      this.#show(chunk, this.#lineAt);
      this.#held = this.#matched;
    }
  }

  /** Ends the body, with or without its closing delimiter. */
  end(): void {
    if (this.#state >= AFTER_BOUNDARY) this.#hasBegun = true;
    else if (this.#held > 0) this.#part?.write(this.#delimiter.subarray(0, this.#held));
    this.#part?.end();
    this.#part = null;
    if (!this.#hasBegun) this.#onNone();
  }

  #read(chunk: Uint8Array, at: number): number {
    switch (this.#state) {
      case LINE_START:
        return this.#startLine(chunk[at]!, at);
      case IN_LINE: {
        const lineFeed = chunk.indexOf(LINE_FEED, at);
        if (lineFeed === -1) return chunk.length;
        return this.#newLine(lineFeed + 1);
      }
      case AFTER_BOUNDARY:
        return this.#afterBoundary(chunk, at);
      case AFTER_DASH:
        if (chunk[at] !== DASH) return this.#noDelimiter(at);
        this.#endPart(chunk);
        this.#state = CLOSED;
        return at + 1;
      default: {
        const lineFeed = chunk.indexOf(LINE_FEED, at);
        if (lineFeed === -1) return chunk.length;
        this.#part = this.#open();
        this.#unseen = lineFeed + 1;
        return this.#newLine(lineFeed + 1);
      }
    }
  }

  #newLine(at: number): number {
    this.#state = LINE_START;
    this.#lineAt = at;
    return at;
  }

  #startLine(byte: number, at: number): number {
    if (byte !== this.#delimiter[this.#matched]) return this.#noDelimiter(at);
    this.#matched++;
    if (this.#matched === this.#boundaryEnd) this.#state = AFTER_BOUNDARY;
    return at + 1;
  }

  #afterBoundary(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!;
    if (byte === DASH) {
      this.#matched++;
      this.#state = AFTER_DASH;
      return at + 1;
    }
    // Spaces may be transport padding; other bytes belong to a longer text (the boundary of another part).
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== LINE_FEED) return this.#noDelimiter(at);
    this.#endPart(chunk);
    this.#state = DELIMITER_END;
    return at;
  }

  /** The line only begins like a delimiter and belongs to the part. */
  #noDelimiter(at: number): number {
    if (this.#held > 0) this.#part?.write(this.#delimiter.subarray(0, this.#held));
    this.#held = 0;
    this.#matched = 0;
    this.#state = IN_LINE;
    return at;
  }

  #endPart(chunk: Uint8Array): void {
    this.#show(chunk, this.#lineAt);
    this.#held = 0;
    this.#matched = 0;
    this.#hasBegun = true;
    this.#part?.end();
    this.#part = null;
  }

  #show(chunk: Uint8Array, to: number): void {
    if (to > this.#unseen) this.#part?.write(chunk.subarray(this.#unseen, to));
  }
}
