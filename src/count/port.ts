/** What counting needs from outside: undoing a body's Content-Encoding, chunk by chunk. */

/** The content codings of RFC 9110 8.4.1 and RFC 8878 that are undone. `compress` is extinct. */
export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** Takes the decoded bytes of one body. Nothing is called any more after `onEnd`, `onFault` or `destroy`. */
export interface DecodedBody {
  /** A chunk, which is not kept. Returns false where the rest is not wanted: decoding stops without a further call. */
  onData(chunk: Uint8Array): boolean;
  /** Everything written before `end` was decoded. A stream that is cut ends as if it ended there. */
  onEnd(): void;
  /** The bytes do not decode. */
  onFault(): void;
  /** There is room again after `write` returned false. */
  onDrain(): void;
}

/** Decodes one body. Not reused for another. */
export interface BodyDecoder {
  /** Takes a chunk, whose buffer the caller may reuse. False: wait for `onDrain` or `onEnd` before the next. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  destroy(): void;
}

export interface Decoders {
  /** @param codings in the order in which they were applied; at least one. */
  open(codings: readonly ContentCoding[], body: DecodedBody): BodyDecoder;
}
