/**
 * Decodes Content-Encoding with Node's streams: back-pressure in both directions, a few chunks of memory, zlib on its own
 * threads. A truncated stream yields the bytes that it contained; the body's format detects whether it is complete.
 */

import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress } from 'node:zlib';
import type { BodyDecoder, ContentCoding, DecodedBody, Decoders } from '../../../count/port.ts';
import { DeflateDecoder } from './decode-deflate.ts';
import { GunzipDecoder } from './decode-gzip.ts';
import { createZstdDecoders } from './decode-zstd.ts';

/** Maximum number of encoded bytes that wait for a decoder before the sender must pause. Small pages never reach it. */
const HIGH_WATER_BYTES = 256 * 1024;
/** Size of a decoded chunk. Each chunk costs a round trip to zlib's thread. */
const CHUNK_BYTES = 64 * 1024;

const ZLIB_OPTIONS = {
  finishFlush: constants.Z_SYNC_FLUSH,
  chunkSize: CHUNK_BYTES,
  writableHighWaterMark: HIGH_WATER_BYTES,
  readableHighWaterMark: CHUNK_BYTES,
};
const BROTLI_OPTIONS = {
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
  chunkSize: CHUNK_BYTES,
  writableHighWaterMark: HIGH_WATER_BYTES,
  readableHighWaterMark: CHUNK_BYTES,
};

export const nodeDecoders: Decoders = {
  open: (codings, body) => new StreamDecoder(codings, body),
};

class StreamDecoder implements BodyDecoder {
  readonly #streams: readonly Transform[];
  readonly #first: Transform;
  readonly #body: DecodedBody;
  /** True once the body has received its last call, or does not want another. */
  #isOver = false;

  constructor(codings: readonly ContentCoding[], body: DecodedBody) {
    this.#body = body;
    // The coding that was applied last is decoded first.
    this.#streams = codings.toReversed().flatMap(createStreams);
    this.#first = this.#streams[0]!;
    for (const [at, stream] of this.#streams.entries()) this.#connect(stream, this.#streams[at + 1]);
    this.#first.on('drain', () => this.#isOver || body.onDrain());
  }

  write(chunk: Uint8Array): boolean {
    // The chunk is copied, because the caller may reuse its buffer before a stream has decoded it.
    return this.#isOver || this.#first.write(new Uint8Array(chunk));
  }

  end(): void {
    this.#first.end();
  }

  destroy(): void {
    this.#isOver = true;
    for (const stream of this.#streams) stream.destroy();
  }

  /**
   * Reads each chunk explicitly. In workerd, a decoder in flowing mode ('data' or pipe) calls itself once per chunk of
   * output: 38 MB of output from one write overflow the stack.
   */
  #connect(stream: Transform, next: Transform | undefined): void {
    const pass = () => this.#pass(stream, next);
    stream.on('error', () => this.#fault());
    stream.on('readable', pass);
    next?.on('drain', pass);
    stream.on('end', () => {
      if (next !== undefined) next.end();
      else this.#end();
    });
  }

  #pass(stream: Transform, next: Transform | undefined): void {
    while (!this.#isOver && next?.writableNeedDrain !== true) {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null) return;
      if (next !== undefined) next.write(chunk);
      else if (!this.#body.onData(chunk)) this.destroy();
    }
  }

  #end(): void {
    if (this.#isOver) return;
    // Bytes after the end of the coded data stay in the first stream's queue.
    this.destroy();
    this.#body.onEnd();
  }

  #fault(): void {
    if (this.#isOver) return;
    this.destroy();
    this.#body.onFault();
  }
}

function createStreams(coding: ContentCoding): Transform[] {
  switch (coding) {
    case 'gzip':
      return [new GunzipDecoder(ZLIB_OPTIONS)];
    case 'deflate':
      return [new DeflateDecoder(ZLIB_OPTIONS)];
    case 'br':
      return [createBrotliDecompress(BROTLI_OPTIONS)];
    case 'zstd':
      return createZstdDecoders(HIGH_WATER_BYTES);
  }
}
