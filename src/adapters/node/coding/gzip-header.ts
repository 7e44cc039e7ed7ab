/** Parses the header of a gzip member (RFC 1952, section 2.3). */

const MAGIC = [0x1f, 0x8b, 0x08];
const FIXED_BYTES = 10;
const CHECKSUM = 0x02;
const EXTRA = 0x04;
const NAME = 0x08;
const COMMENT = 0x10;
const RESERVED = 0xe0;
/** Longer names and comments are rejected, because the header is held until it is complete. */
const MAX_BYTES = 131_072;

/** Returns the length of the header at the start of the bytes; `cut` if it is incomplete, `none` if it is not a header. */
export function gzipHeaderLength(bytes: Uint8Array): number | 'cut' | 'none' {
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return 'none';
  if (bytes.length < FIXED_BYTES) return 'cut';
  const flags = bytes[3]!;
  if ((flags & RESERVED) !== 0) return 'none';
  let at = FIXED_BYTES;
  if ((flags & EXTRA) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const text of [NAME, COMMENT]) {
    if ((flags & text) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end === -1) return bytes.length > MAX_BYTES ? 'none' : 'cut';
    at = end + 1;
  }
  if ((flags & CHECKSUM) !== 0) at += 2;
  return at > bytes.length ? 'cut' : at;
}
