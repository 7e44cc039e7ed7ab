/**
 * Unpacks a WOFF 1.0 font into the OpenType font that it wraps. fontkit would inflate the glyphs again for each glyph
 * that it draws, which takes most of the time of a document.
 */

const SIGNATURE = 0x774f4646;
const HEADER_BYTES = 44;
const ENTRY_BYTES = 20;
const SFNT_HEADER_BYTES = 12;
const SFNT_ENTRY_BYTES = 16;

/**
 * @param inflate decompresses zlib data
 * @throws RangeError if the bytes are not a WOFF file
 */
export function sfntOf(woff: Uint8Array, inflate: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const source = new DataView(woff.buffer, woff.byteOffset, woff.byteLength);
  if (woff.length < HEADER_BYTES || source.getUint32(0) !== SIGNATURE) {
    throw new RangeError('The font is not a WOFF file.');
  }
  const count = source.getUint16(12);
  const tables = Array.from({ length: count }, (_, index) => {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    const [offset, length] = [source.getUint32(at + 4), source.getUint32(at + 8)];
    const stored = woff.subarray(offset, offset + length);
    const bytes = length < source.getUint32(at + 12) ? inflate(stored) : stored;
    return { tag: source.getUint32(at), checksum: source.getUint32(at + 16), bytes };
  });
  const start = SFNT_HEADER_BYTES + count * SFNT_ENTRY_BYTES;
  const sfnt = new Uint8Array(tables.reduce((size, { bytes }) => size + padded(bytes.length), start));
  const target = new DataView(sfnt.buffer);
  const power = Math.floor(Math.log2(count));
  target.setUint32(0, source.getUint32(4));
  target.setUint16(4, count);
  target.setUint16(6, 2 ** power * SFNT_ENTRY_BYTES);
  target.setUint16(8, power);
  target.setUint16(10, (count - 2 ** power) * SFNT_ENTRY_BYTES);
  let offset = start;
  tables.forEach(({ tag, checksum, bytes }, index) => {
    const at = SFNT_HEADER_BYTES + index * SFNT_ENTRY_BYTES;
    [tag, checksum, offset, bytes.length].forEach((value, field) => {
      target.setUint32(at + 4 * field, value);
    });
    sfnt.set(bytes, offset);
    offset += padded(bytes.length);
  });
  return sfnt;
}

/** Tables begin at multiples of four bytes. */
function padded(length: number): number {
  return (length + 3) & ~3;
}
