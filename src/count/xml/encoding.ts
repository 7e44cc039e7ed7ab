/**
 * Decodes the bytes of an XML document. The encoding is determined by the byte order mark, else by the zeros between
 * ASCII characters in UTF-16, else by the declaration (XML 1.0, appendix F), else it is UTF-8.
 */

/** The declaration is read only if it ends within this many bytes. */
const MAX_DECLARATION_BYTES = 1024;

type Decoder = InstanceType<typeof TextDecoder>;

const DECLARATION = /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/;

export class XmlDecoder {
  /** True if no decoder supports the encoding. */
  isUnknown = false;
  /** The bytes before the encoding was known. */
  #start: Uint8Array = new Uint8Array(0);
  #decoder: Decoder | null = null;

  /** The text of a chunk; a cut character, or bytes held back, come with the next chunk. */
  decode(chunk: Uint8Array): string {
    if (this.isUnknown) return '';
    if (this.#decoder !== null) return this.#decoder.decode(chunk, { stream: true });
    const start = this.#start.length === 0 ? chunk : joined(this.#start, chunk);
    if (!isDecided(start)) {
      this.#start = start.slice();
      return '';
    }
    return this.#begin(start);
  }

  /** The text that was held back, at the end of the document. */
  end(): string {
    if (this.isUnknown) return '';
    return this.#decoder === null ? this.#begin(this.#start) : this.#decoder.decode();
  }

  #begin(start: Uint8Array): string {
    this.#start = new Uint8Array(0);
    this.#decoder = decoderFor(encodingOf(start));
    this.isUnknown = this.#decoder === null;
    return this.#decoder?.decode(start, { stream: true }) ?? '';
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Whether the bytes so far determine the encoding. */
function isDecided(start: Uint8Array): boolean {
  if (start.length < 4) return false;
  if (start.length >= MAX_DECLARATION_BYTES || encodingByPattern(start) !== undefined) return true;
  const text = asciiOf(start);
  const declaration = text.trimStart();
  if (!'<?xml'.startsWith(declaration.slice(0, 5))) return true;
  return declaration.includes('>');
}

function encodingOf(start: Uint8Array): string | null {
  const byPattern = encodingByPattern(start);
  if (byPattern !== undefined) return byPattern;
  const named = DECLARATION.exec(asciiOf(start))?.[1] ?? 'utf-8';
  // A declaration that is readable as ASCII is not in UTF-16, whatever it says.
  return /^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(named) ? 'utf-8' : named;
}

/** Undefined for the pattern of an ASCII superset; null for encodings that are not supported: UTF-32, EBCDIC. */
function encodingByPattern(start: Uint8Array): string | null | undefined {
  const [a = -1, b = -1, c = -1, d = -1] = start;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? null : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0) return null;
  if (a === 0x4c && b === 0x6f && c === 0xa7 && d === 0x94) return null;
  if (a === 0 && b > 0) return 'utf-16be';
  if (a > 0 && b === 0) return c === 0 && d === 0 ? null : 'utf-16le';
  return undefined;
}

const ascii = new TextDecoder('latin1');

function asciiOf(bytes: Uint8Array): string {
  return ascii.decode(bytes.subarray(0, MAX_DECLARATION_BYTES));
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
