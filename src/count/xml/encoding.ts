/**
 * Detects the encoding of an XML document. It is determined by the byte order mark, else by the zeros between
 * ASCII characters in UTF-16, else by the declaration (XML 1.0, appendix F), else it is UTF-8.
 */

import type { SniffEncoding } from '../text/sniffed-text.ts';

/** The declaration is read only if it ends within this many bytes. */
const MAX_DECLARATION_BYTES = 1024;

const DECLARATION = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/;

/** The encoding of a document, by its first bytes. */
export const xmlEncoding: SniffEncoding = (start, isWhole) => {
  if (!isWhole && !isDecided(start)) return undefined;
  const byPattern = encodingByPattern(start);
  if (byPattern !== undefined) return byPattern;
  const named = DECLARATION.exec(asciiOf(start))?.[1] ?? 'utf-8';
  // A declaration that is readable as ASCII is not in UTF-16, whatever it says.
  return /^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(named) ? 'utf-8' : named;
};

/** Whether the bytes so far determine the encoding. */
function isDecided(start: Uint8Array): boolean {
  if (start.length < 4) return false;
  if (start.length >= MAX_DECLARATION_BYTES || encodingByPattern(start) !== undefined) return true;
  const text = asciiOf(start);
  const declaration = text.trimStart();
  if (!'<?xml'.startsWith(declaration.slice(0, 5))) return true;
  return declaration.includes('>');
}

/** Undefined for the pattern of an ASCII superset; null for encodings that are not supported: UTF-32, EBCDIC. */
function encodingByPattern(start: Uint8Array): string | null | undefined {
  const [a = -1, b = -1, c = -1, d = -1] = start;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? null : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0) return null;
  if (a === 0x4c && b === 0x6f && c === 0xa7 && d === 0x94) return null;
  if (a === 0 && b > 0) return 'utf-16be';
  if (a > 0 && b === 0) return c === 0 && d === 0 ? null : 'utf-16le';
  return undefined;
}

const ascii = new TextDecoder('latin1');

function asciiOf(bytes: Uint8Array): string {
  return ascii.decode(bytes.subarray(0, MAX_DECLARATION_BYTES));
}
