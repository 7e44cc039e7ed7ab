/** The bytes of JSON, and reading short tokens in place: the end of a string, a number, a word. */

import type { Literal } from '../where.ts';

export const LINE_FEED = 0x0a;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const MINUS = 0x2d;

/** Numbers and words longer than this equal no literal. */
export const MAX_SCALAR_BYTES = 64;

/** Integers with this many digits are exact. */
const EXACT_DIGITS = 15;

/** Strings up to this length are skipped here, longer ones by the skipper. */
const SHORT_STRING_BYTES = 32;

/** Space, line feed, carriage return, tab. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether a number, true, false or null may begin with this byte. */
export function isScalarStart(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return byte === MINUS || (byte >= 0x30 && byte <= 0x39) || byte === 0x74 || byte === 0x66 || byte === 0x6e;
}

/** The position of the closing quote; -1 if the chunk ends, an escape occurs or `within` bytes pass before it. */
export function endOfShortString(chunk: Uint8Array, from: number, within = SHORT_STRING_BYTES): number {
  const end = Math.min(chunk.length, from + within);
  for (let at = from; at < end; at++) {
    const byte = chunk[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
}

/** The position of the first byte that cannot belong to a number or word. */
export function endOfScalar(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length) {
    const byte = chunk[at]!;
    if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || isSpace(byte)) break;
    at++;
  }
  return at;
}

/** Whether `chunk` from `from` to `to` equals `bytes`. */
export function sameBytes(chunk: Uint8Array, from: number, to: number, bytes: Uint8Array): boolean {
  if (to - from !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (chunk[from + i] !== bytes[i]) return false;
  return true;
}

/**
 * Reads a number, true, false or null from its first `MAX_SCALAR_BYTES`; undefined for any other text. Only the
 * characters of a number are checked, not its grammar. Its value is computed only on request, and is NaN otherwise.
 */
export function readScalar(
  bytes: Uint8Array,
  from: number,
  to: number,
  wantsValue: boolean,
): Literal | undefined {
  const first = bytes[from]!;
  if (first >= 0x61) return readWord(bytes, from, to);
  if (first !== MINUS && (first < 0x30 || first > 0x39)) return undefined;
  let digits = 0;
  let whole = 0;
  const checked = Math.min(to, from + MAX_SCALAR_BYTES);
  for (let at = from; at < checked; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x30 && byte <= 0x39) {
      digits++;
      whole = whole * 10 + byte - 0x30;
    } else if (!isNumberMark(byte)) return undefined;
  }
  if (digits === 0) return undefined;
  if (!wantsValue || checked < to) return Number.NaN;
  if (digits === to - from && digits <= EXACT_DIGITS) return whole;
  return Number(String.fromCharCode(...bytes.subarray(from, to)));
}

/** `+` `-` `.` `E` `e` */
function isNumberMark(byte: number): boolean {
  return byte === 0x2e || byte === 0x2d || byte === 0x65 || byte === 0x45 || byte === 0x2b;
}

function readWord(bytes: Uint8Array, from: number, to: number): Literal | undefined {
  if (sameBytes(bytes, from, to, NULL)) return null;
  if (sameBytes(bytes, from, to, TRUE)) return true;
  return sameBytes(bytes, from, to, FALSE) ? false : undefined;
}

const NULL = new TextEncoder().encode('null');
const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');
