/** Decodes a body's bytes: UTF-16 if a byte order mark says so, else UTF-8 and its ASCII-compatible relatives. */

export class BodyText {
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  /** The first byte, until the second one shows whether it is part of a mark. */
  #first: Uint8Array | null = null;

  /** Returns the text that is complete with this chunk. The chunk is not kept. */
  read(chunk: Uint8Array): string {
    if (this.#decoder !== null) return this.#decoder.decode(chunk, { stream: true });
    const [first, second] = this.#first === null ? chunk : [this.#first[0], chunk[0]];
    if (second === undefined) {
      if (first !== undefined) this.#first ??= chunk.slice();
      return '';
    }
    this.#decoder = new TextDecoder(encodingOf(first!, second));
    const before = this.#first === null ? '' : this.#decoder.decode(this.#first, { stream: true });
    return before + this.#decoder.decode(chunk, { stream: true });
  }

  /** Returns the replacement for a character that the end cut. */
  end(): string {
    return this.#decoder?.decode() ?? new TextDecoder().decode(this.#first ?? new Uint8Array());
  }
}

/**
 * Markup is ASCII in all encodings except UTF-16. Bytes that are not UTF-8 become a replacement character, which
 * never swallows the following byte (Encoding standard, 8.1.1).
 */
function encodingOf(first: number, second: number): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
