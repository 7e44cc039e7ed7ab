/** Follows the frames of a WebSocket (RFC 6455, section 5.2) only to know where one ends, and another may be put in. */

/** Two bytes, a length of eight, a mask of four. */
const MAX_HEADER_BYTES = 14;

export class FrameBoundaries {
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  #headerBytes = 0;
  /** Of the frame's payload, still to come. */
  #rest = 0;

  /** The last frame that passed is whole. */
  get isAtBoundary(): boolean {
    return this.#headerBytes === 0 && this.#rest === 0;
  }

  pass(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.skipFrame(chunk, at);
  }

  /** Returns where in the chunk the frame under way ends; the chunk's length, where it goes on. */
  skipFrame(chunk: Uint8Array, from = 0): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#rest === 0) this.#passHeader(chunk[at++]!);
      const bytes = Math.min(this.#rest, chunk.length - at);
      this.#rest -= bytes;
      at += bytes;
      if (this.isAtBoundary) break;
    }
    return at;
  }

  #passHeader(byte: number): void {
    const header = this.#header;
    header[this.#headerBytes++] = byte;
    if (this.#headerBytes < 2) return;
    const length = header[1]! & 0x7f;
    const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    const maskBytes = header[1]! & 0x80 ? 4 : 0;
    if (this.#headerBytes < 2 + lengthBytes + maskBytes) return;
    this.#headerBytes = 0;
    if (lengthBytes === 0) this.#rest = length;
    else if (lengthBytes === 2) this.#rest = header.readUInt16BE(2);
    else this.#rest = header.readUInt32BE(2) * 2 ** 32 + header.readUInt32BE(6);
  }
}
