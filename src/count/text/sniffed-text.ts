/** Decodes the bytes of a text as they pass. Its first bytes determine the encoding. */

type Decoder = InstanceType<typeof TextDecoder>;

/**
 * The encoding of a text, by its first bytes. Undefined if more bytes must decide, null if it is not supported.
 * @param isWhole whether no more bytes follow.
 */
export type SniffEncoding = (start: Uint8Array, isWhole: boolean) => string | null | undefined;

export class SniffedText {
  /** True if no decoder supports the encoding. */
  isUnknown = false;
  readonly #sniff: SniffEncoding;
  /** The bytes before the encoding was known. */
  #start: Uint8Array = new Uint8Array(0);
  #decoder: Decoder | null = null;

  constructor(sniff: SniffEncoding) {
    this.#sniff = sniff;
  }

  /** The text of a chunk; a cut character, or bytes held back, come with the next chunk. The chunk is not kept. */
  decode(chunk: Uint8Array): string {
    if (this.isUnknown) return '';
    if (this.#decoder !== null) return this.#decoder.decode(chunk, { stream: true });
    return this.#begin(appended(this.#start, chunk), false);
  }

  /** The text that was held back, and the replacement for a character that the end cut. */
  end(): string {
    const held = this.#decoder === null && !this.isUnknown ? this.#begin(this.#start, true) : '';
    return held + (this.#decoder?.decode() ?? '');
  }

  #begin(start: Uint8Array, isWhole: boolean): string {
    const encoding = this.#sniff(start, isWhole);
    this.#start = encoding === undefined ? start.slice() : new Uint8Array(0);
    if (encoding === undefined) return '';
    this.#decoder = decoderFor(encoding);
    this.isUnknown = this.#decoder === null;
    return this.#decoder?.decode(start, { stream: true }) ?? '';
  }
}

/** UTF-16 if the bytes begin with its byte order mark; else undefined. */
export function utf16Of([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** Both arrays as one; `second` itself if the first one is empty. */
export function appended(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function decoderFor(encoding: string | null): Decoder | null {
  if (encoding === null) return null;
  try {
    return new TextDecoder(encoding);
  } catch (error) {
    // An encoding that the Encoding Standard or this runtime does not support.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
