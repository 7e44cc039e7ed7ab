/** Growing buffers. */

/** The buffer, or a larger one that starts with its first `used` bytes if it has no room for `length` bytes. */
export function withRoom(
  buffer: Uint8Array<ArrayBuffer>,
  used: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (length <= buffer.length) return buffer;
  const larger = new Uint8Array(Math.max(length, 2 * buffer.length));
  larger.set(buffer.subarray(0, used));
  return larger;
}
