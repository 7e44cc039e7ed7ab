/**
 * Splits a payload of HTTP long polling into packets. Engine.IO 4 separates them by U+001E. Versions 2 and 3 write
 * the length of each before it, in UTF-16 units (`12:42["a",{...}]`), or in bytes if packets may be binary.
 */

import { COLON } from '../json/bytes.ts';
import type { UncountedReason } from '../uncounted.ts';
import type { Packets } from './packet.ts';

const SEPARATOR = 0x1e;
const ZERO = 0x30;
const NINE = 0x39;
/** Ends the length of a packet in a binary payload. */
const LENGTH_END = 0xff;
/** More digits are not a length; the longest payload has 10^8 bytes by default. */
const MAX_LENGTH_DIGITS = 10;

const START = 0;
/** Digits at the start: a length, or the types of the first packet. */
const FIRST_DIGITS = 1;
const SEPARATED = 2;
const LENGTH = 3;
const TEXT_PACKET = 4;
/** Whether a packet of a binary payload is text (0) or binary (1). */
const BINARY_KIND = 5;
const BINARY_LENGTH = 6;
const BINARY_PACKET = 7;
const FAULTY = 8;

export class Payload {
  /** Why the rest of the payload cannot be read. */
  flaw: UncountedReason | undefined;
  readonly #packets: Packets;
  #state = START;
  #digits = new Uint8Array(MAX_LENGTH_DIGITS);
  #digitCount = 0;
  /** Remaining UTF-16 units or bytes of the current packet. */
  #left = 0;
  #isText = true;

  constructor(packets: Packets) {
    this.#packets = packets;
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#state !== FAULTY) at = this.#read(chunk, at);
  }

  end(): void {
    if (this.#state === FIRST_DIGITS) this.#separated();
    if (this.#state === TEXT_PACKET && this.#left <= 0) this.#endPacket(LENGTH);
    if (this.#state === SEPARATED) this.#packets.end();
    else if (this.#state > SEPARATED && !this.#isBetween) {
      this.#packets.drop();
      this.flaw ??= 'truncated';
    }
  }

  get #isBetween(): boolean {
    return (this.#state === LENGTH && this.#digitCount === 0) || this.#state === BINARY_KIND;
  }

  #read(chunk: Uint8Array, at: number): number {
    switch (this.#state) {
      case START:
        if (chunk[at]! <= 1) this.#state = BINARY_KIND;
        else this.#state = FIRST_DIGITS;
        return at;
      case FIRST_DIGITS:
      case LENGTH:
        return this.#length(chunk[at]!, at);
      case SEPARATED:
        return this.#toSeparator(chunk, at);
      case TEXT_PACKET:
        return this.#text(chunk, at);
      case BINARY_KIND:
        this.#isText = chunk[at] === 0;
        this.#state = chunk[at]! <= 1 ? BINARY_LENGTH : this.#fault();
        return at + 1;
      case BINARY_LENGTH:
        return this.#binaryLength(chunk[at]!, at);
      default:
        return this.#binary(chunk, at);
    }
  }

  #length(byte: number, at: number): number {
    const isDigit = byte >= ZERO && byte <= NINE;
    if (isDigit && this.#digitCount < MAX_LENGTH_DIGITS) {
      this.#digits[this.#digitCount++] = byte;
      return at + 1;
    }
    if (byte === COLON && this.#digitCount > 0) {
      this.#left = Number(String.fromCharCode(...this.#digits.subarray(0, this.#digitCount)));
      this.#digitCount = 0;
      this.#state = this.#left === 0 ? LENGTH : TEXT_PACKET;
      return at + 1;
    }
    if (this.#state === FIRST_DIGITS) this.#separated();
    else this.#state = this.#fault();
    return at;
  }

  /** The digits were not a length but the beginning of the first packet. */
  #separated(): void {
    this.#packets.write(this.#digits, 0, this.#digitCount);
    this.#digitCount = 0;
    this.#state = SEPARATED;
  }

  #toSeparator(chunk: Uint8Array, at: number): number {
    const separator = chunk.indexOf(SEPARATOR, at);
    const end = separator === -1 ? chunk.length : separator;
    this.#packets.write(chunk, at, end);
    if (separator === -1) return end;
    this.#packets.end();
    return end + 1;
  }

  #text(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const units = unitsOf(chunk[at]!);
      // Continuation bytes of the last character belong to it.
      if (units > 0 && this.#left <= 0) break;
      this.#left -= units;
      at++;
    }
    this.#packets.write(chunk, from, at);
    // At the end of a chunk the last character may be incomplete.
    if (at < chunk.length) this.#endPacket(LENGTH);
    return at;
  }

  #binaryLength(byte: number, at: number): number {
    if (byte === LENGTH_END) this.#state = BINARY_PACKET;
    else if (byte > 9 || this.#digitCount === MAX_LENGTH_DIGITS) this.#state = this.#fault();
    else {
      this.#left = 10 * this.#left + byte;
      this.#digitCount++;
    }
    if (this.#state === BINARY_PACKET && this.#left === 0) this.#endPacket(BINARY_KIND);
    return at + 1;
  }

  #binary(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    if (this.#isText) this.#packets.write(chunk, at, end);
    this.#left -= end - at;
    if (this.#left === 0) this.#endPacket(BINARY_KIND);
    return end;
  }

  #endPacket(next: typeof LENGTH | typeof BINARY_KIND): void {
    this.#packets.end();
    this.#left = 0;
    this.#digitCount = 0;
    this.#state = next;
  }

  #fault(): typeof FAULTY {
    this.flaw ??= 'frame';
    return FAULTY;
  }
}

/** UTF-16 units of the character whose first UTF-8 byte this is; 0 for a continuation byte. */
function unitsOf(byte: number): number {
  if (byte >= 0xf0) return 2;
  return byte >= 0x80 && byte < 0xc0 ? 0 : 1;
}
