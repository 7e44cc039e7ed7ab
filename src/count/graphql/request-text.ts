/** The text of a GraphQL request's body: decompressed, and decoded from the character set that its sender means. */

import { readCodings } from '../content-coding.ts';
import type { ContentCoding } from '../port.ts';

/**
 * Decodes content codings, the last one first. Null if the bytes do not decode, exceed `maxBytes` decoded, or use a
 * coding that the runtime cannot decode synchronously.
 */
export type DecodeWhole = (
  codings: readonly ContentCoding[],
  bytes: Uint8Array,
  maxBytes: number,
) => Uint8Array | null;

const UTF_8 = /^(?:utf-?8|us-ascii|iso-8859-1)$/;
const UTF_16 = /^(?:utf-?16(?:le|be)?|ucs-2)$/;

/**
 * @param contentEncoding field values, joined by commas.
 * @param contentType in lower case.
 * @returns null if the text is not one that every server reads alike.
 */
export function requestText(
  bytes: Uint8Array,
  contentEncoding: string,
  contentType: string,
  maxBytes: number,
  decode: DecodeWhole,
): string | null {
  const codings = readCodings(contentEncoding);
  if (codings === undefined) return null;
  const plain = codings.length === 0 ? bytes : decode(codings, bytes, maxBytes);
  return plain === null ? null : textOf(plain, contentType);
}

function textOf(bytes: Uint8Array, contentType: string): string | null {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]*)/.exec(contentType) ?? [];
  if (charset === undefined) {
    const byteOrder = byteOrderOf(bytes);
    return byteOrder === null ? decodedText(bytes, 'utf-8') : utf16(bytes, byteOrder);
  }
  if (UTF_16.test(charset)) {
    const named = charset.endsWith('be') ? 'be' : charset.endsWith('le') ? 'le' : null;
    const seen = byteOrderOf(bytes);
    // Without an indication of the byte order, servers disagree about it.
    if (named !== null && seen !== null && named !== seen) return null;
    const byteOrder = named ?? seen;
    return byteOrder === null ? null : utf16(bytes, byteOrder);
  }
  // In other character sets, such as UTF-7, a comment may hide what the upstream executes.
  return UTF_8.test(charset) ? decodedText(bytes, 'utf-8') : null;
}

/**
 * Detected by the byte order mark, or by the zero byte in the first character, which is ASCII in both JSON and
 * GraphQL.
 */
function byteOrderOf([first, second]: Uint8Array): 'le' | 'be' | null {
  if (first === 0xff && second === 0xfe) return 'le';
  if (first === 0xfe && second === 0xff) return 'be';
  if (first === 0 && second !== 0) return 'be';
  return second === 0 && first !== 0 ? 'le' : null;
}

/** workerd has no decoder for big endian. */
function utf16(bytes: Uint8Array, byteOrder: 'le' | 'be'): string | null {
  if (byteOrder === 'le') return decodedText(bytes, 'utf-16le');
  const swapped = bytes.map((_, at) => bytes[at ^ 1] ?? 0);
  return decodedText(swapped, 'utf-16le');
}

/** Null if the bytes are not in that encoding. */
export function decodedText(bytes: Uint8Array, charset: 'utf-8' | 'utf-16le'): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
