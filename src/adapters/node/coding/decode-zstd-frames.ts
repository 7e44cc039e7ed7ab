/**
 * Follows the frames of a Zstandard stream (RFC 8878, section 3.1) by their headers. It rejects windows that are too
 * large and reports where a frame ends.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;

export class ZstdFrames {
  readonly #maxWindowBytes: number;
  /** The header that is being read, and the number of bytes that it needs. */
  readonly #header = new Uint8Array(18);
  #held = 0;
  #wanted = 4;
  #read: () => void = this.#magic;
  /** Bytes to skip before the next header: blocks, checksums, skippable frames. */
  #skip = 0;
  #hasChecksum = false;

  constructor(maxWindowBytes: number) {
    this.#maxWindowBytes = maxWindowBytes;
  }

  /** Whether the bytes so far end between two frames. */
  get isWhole(): boolean {
    return this.#skip === 0 && this.#held === 0 && this.#read === this.#magic;
  }

  /**
   * Reads from an offset to the end of a frame, or to the end of the chunk if no frame ends in it.
   * @returns the offset after the last byte that was read.
   * @throws if a frame needs a larger window, or if the bytes after a frame are not a frame.
   */
  check(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else {
        this.#header[this.#held++] = chunk[at++]!;
        if (this.#held === this.#wanted) this.#read();
      }
      if (this.isWhole) break;
    }
    return at;
  }

  #next(wanted: number, read: () => void, skip = 0): void {
    this.#held = 0;
    this.#wanted = wanted;
    this.#read = read;
    this.#skip = skip;
  }

  #magic(): void {
    const magic = this.#number(0, 4);
    if (magic === MAGIC) this.#next(1, this.#descriptor);
    else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) this.#next(4, this.#skippable);
    else throw new Error('no Zstandard frame begins here');
  }

  #skippable(): void {
    this.#next(4, this.#magic, this.#number(0, 4));
  }

  /** Frame_Header_Descriptor determines the length of the rest of the header. */
  #descriptor(): void {
    const flags = this.#header[0]!;
    const isSingleSegment = (flags & 0x20) !== 0;
    const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
    this.#hasChecksum = (flags & 4) !== 0;
    this.#wanted = 1 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
    this.#read = () => this.#window(isSingleSegment, contentSizeBytes);
  }

  #window(isSingleSegment: boolean, contentSizeBytes: number): void {
    const descriptor = this.#header[1]!;
    const base = 2 ** (10 + (descriptor >> 3));
    const windowBytes = isSingleSegment
      ? this.#number(this.#wanted - contentSizeBytes, contentSizeBytes)
      : base + (base / 8) * (descriptor & 7);
    if (windowBytes > this.#maxWindowBytes) {
      throw new Error(`a window of ${windowBytes} bytes, more than the ${this.#maxWindowBytes} allowed`);
    }
    this.#next(3, this.#block);
  }

  #block(): void {
    const head = this.#number(0, 3);
    const isLast = (head & 1) !== 0;
    const isRunLength = ((head >> 1) & 3) === 1;
    const bytes = isRunLength ? 1 : head >> 3;
    if (isLast) this.#next(4, this.#magic, bytes + (this.#hasChecksum ? 4 : 0));
    else this.#next(3, this.#block, bytes);
  }

  /** Little-endian. */
  #number(from: number, bytes: number): number {
    let value = 0;
    for (let at = from + bytes - 1; at >= from; at--) value = value * 256 + this.#header[at]!;
    return value;
  }
}
