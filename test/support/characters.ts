/** Random characters for property tests. */

import fc from 'fast-check';

const SURROGATES = { from: 0xd800, count: 0x800 };

/** Any code point that is not a surrogate. */
const codePoint = fc
  .integer({ min: 0, max: 0x10_ffff - SURROGATES.count })
  .map((at) => String.fromCodePoint(at < SURROGATES.from ? at : at + SURROGATES.count));

/**
 * A unit for `fc.string`: any character, half of them ASCII, controls included. The library's own unit for this, 'binary',
 * has hardly any ASCII and takes 1.4 s to prepare in each process.
 */
export const anyCharacter = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)),
  codePoint,
);
