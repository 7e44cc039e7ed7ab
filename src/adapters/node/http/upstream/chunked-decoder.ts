/**
 * Decodes the chunked coding (RFC 9112, section 7.1) strictly: only CRLF ends a line, a size is plain hexadecimal,
 * extensions are skipped.
 */

import { badResponse, parseFields } from './header-field.ts';

type State = 'size' | 'size_lf' | 'extension' | 'data' | 'data_cr' | 'data_lf' | 'trailers' | 'done';

/** At most 2^48 bytes, so that a size is always a safe integer. */
const MAX_SIZE_DIGITS = 12;
const MAX_EXTENSION_BYTES = 16_384;
const MAX_TRAILER_BYTES = 16_384;

const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const SEMICOLON = 0x3b;

export class ChunkedDecoder {
  #state: State = 'size';
  /** Bytes of the current chunk that are still to come. */
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailers = '';

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** The trailers of a complete body as a flat list. @throws UpstreamError if one is not valid. */
  trailers(): string[] {
    return this.#trailers.length <= 2 ? [] : parseFields(this.#trailers.slice(0, -2));
  }

  /**
   * @param onData receives the parts of the body, as views of `bytes`.
   * @returns the index after the body's end, or the length of `bytes`.
   * @throws UpstreamError if the coding is not valid.
   */
  write(bytes: Buffer, from: number, onData: (data: Buffer) => void): number {
    let at = from;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#size);
        this.#size -= end - at;
        if (this.#size === 0) this.#state = 'data_cr';
        onData(bytes.subarray(at, end));
        at = end;
      } else this.#readFraming(bytes[at++]!);
    }
    return at;
  }

  /** Reads a byte that is not data. */
  #readFraming(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#sizeByte(byte);
        break;
      case 'extension':
        if (byte === CR) this.#state = 'size_lf';
        else if ((byte < 0x20 && byte !== TAB) || ++this.#extensionBytes > MAX_EXTENSION_BYTES) {
          throw badResponse('A chunk extension of the response is not valid or too long.');
        }
        break;
      case 'size_lf':
        this.#expect(byte, LF, this.#size === 0 ? 'trailers' : 'data');
        this.#digits = 0;
        this.#extensionBytes = 0;
        break;
      case 'data_cr':
        this.#expect(byte, CR, 'data_lf');
        break;
      case 'data_lf':
        this.#expect(byte, LF, 'size');
        break;
      case 'trailers':
        this.#trailerByte(byte);
        break;
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0 && this.#digits < MAX_SIZE_DIGITS) {
      this.#size = this.#size * 16 + digit;
      this.#digits++;
    } else if (this.#digits > 0 && byte === CR) this.#state = 'size_lf';
    else if (this.#digits > 0 && byte === SEMICOLON) this.#state = 'extension';
    else throw badResponse('The size of a chunk of the response is not valid.');
  }

  #trailerByte(byte: number): void {
    if (byte === LF && !this.#trailers.endsWith('\r')) throw badLineEnd();
    this.#trailers += String.fromCharCode(byte);
    if (this.#trailers.length > MAX_TRAILER_BYTES)
      throw badResponse('The trailers of the response are too long.');
    if (byte !== LF) return;
    if (this.#trailers === '\r\n' || this.#trailers.endsWith('\r\n\r\n')) this.#state = 'done';
  }

  #expect(byte: number, expected: number, next: State): void {
    if (byte !== expected) throw badLineEnd();
    this.#state = next;
  }
}

function badLineEnd(): Error {
  return badResponse('A line in the chunked coding of the response does not end in CRLF.');
}

/** -1 if the byte is not a hexadecimal digit. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
