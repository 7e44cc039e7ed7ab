/** Finds the boundaries of WebSocket frames (RFC 6455, section 5.2), at which another frame may be inserted. */

/** Two bytes, eight bytes of length, four bytes of mask. */
const MAX_HEADER_BYTES = 14;

export class FrameBoundaries {
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  #headerBytes = 0;
  /** Bytes of the current frame's payload that are still to come. */
  #rest = 0;

  /** True between two frames. */
  get isAtBoundary(): boolean {
    return this.#headerBytes === 0 && this.#rest === 0;
  }

  skip(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.skipFrame(chunk, at);
  }

  /** Returns the end of the current frame in the chunk; the chunk's length if the frame continues. */
  skipFrame(chunk: Uint8Array, from = 0): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#rest === 0) this.#readHeader(chunk[at++]!);
      const bytes = Math.min(this.#rest, chunk.length - at);
      this.#rest -= bytes;
      at += bytes;
      if (this.isAtBoundary) break;
    }
    return at;
  }

  #readHeader(byte: number): void {
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
