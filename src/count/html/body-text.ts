/** A body's bytes as text: UTF-8 and what shares ASCII with it, and UTF-16 where its byte order mark says so. */

export class BodyText {
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  /** The first byte, until the second one says what it was. */
  #first: Uint8Array | null = null;

  /** The text that is whole with this chunk, which is not kept. */
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

  /** What was cut in the middle of a character. */
  end(): string {
    return this.#decoder?.decode() ?? new TextDecoder().decode(this.#first ?? new Uint8Array());
  }
}

/**
 * Markup is ASCII in all encodings but UTF-16: what UTF-8 cannot read becomes a replacement character and never
 * swallows the byte behind it (Encoding standard, 8.1.1).
 */
function encodingOf(first: number, second: number): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
