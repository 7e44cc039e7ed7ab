/** What counting needs from outside: decoding a body's Content-Encoding, chunk by chunk. */

/** The content codings of RFC 9110, section 8.4.1, and RFC 8878 that are decoded. `compress` is extinct. */
export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** Receives the decoded bytes of one body. No method is called after `onEnd`, `onFault` or `destroy`. */
export interface DecodedBody {
  /**
   * Takes a chunk without keeping it. Returns false if the rest is not needed: decoding stops without a further call.
   */
  onData(chunk: Uint8Array): boolean;
  /** Everything written before `end` was decoded. A stream that was cut ends as if it were complete. */
  onEnd(): void;
  /** The bytes do not decode. */
  onFault(): void;
  /** There is room again after `write` returned false. */
  onDrain(): void;
}

/** Decodes one body; it is not reused. */
export interface BodyDecoder {
  /** Takes a chunk, whose buffer the caller may reuse. False: wait for `onDrain` or `onEnd` before the next chunk. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  destroy(): void;
}

export interface Decoders {
  /** @param codings in the order in which they were applied; at least one. */
  open(codings: readonly ContentCoding[], body: DecodedBody): BodyDecoder;
}
