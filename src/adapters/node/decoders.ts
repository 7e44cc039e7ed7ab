/**
 * Undoes Content-Encoding with Node's streams: back-pressure both ways, a few chunks of memory, zlib's work on its
 * own threads. A stream that is cut gives what it held; whether the body was whole is for its format to say.
 */

import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip } from 'node:zlib';
import type { BodyDecoder, ContentCoding, DecodedBody, Decoders } from '../../count/port.ts';
import { DeflateDecoder } from './decode-deflate.ts';
import { createZstdDecoders } from './decode-zstd.ts';

/** Encoded bytes that wait for a decoder before the sender is asked to wait. Small pages never reach it. */
const HIGH_WATER_BYTES = 256 * 1024;
/** Decoded bytes that a coding hands over at once: each piece costs a trip to zlib's thread and back. */
const CHUNK_BYTES = 64 * 1024;

const ZLIB_OPTIONS = {
  finishFlush: constants.Z_SYNC_FLUSH,
  chunkSize: CHUNK_BYTES,
  highWaterMark: HIGH_WATER_BYTES,
};
const BROTLI_OPTIONS = {
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
  chunkSize: CHUNK_BYTES,
  highWaterMark: HIGH_WATER_BYTES,
};

export const nodeDecoders: Decoders = {
  open: (codings, body) => new StreamDecoder(codings, body),
};

class StreamDecoder implements BodyDecoder {
  readonly #streams: readonly Transform[];
  readonly #first: Transform;
  readonly #body: DecodedBody;
  /** The body has heard its last, or does not want to hear more. */
  #isOver = false;

  constructor(codings: readonly ContentCoding[], body: DecodedBody) {
    this.#body = body;
    // What was applied last is undone first.
    this.#streams = codings.toReversed().flatMap(createStreams);
    this.#first = this.#streams[0]!;
    const last = this.#streams.reduce((from, to) => from.pipe(to));
    for (const stream of this.#streams) stream.on('error', () => this.#fault());
    this.#first.on('drain', () => this.#isOver || body.onDrain());
    last.on('data', (chunk: Buffer) => {
      if (!this.#isOver && !body.onData(chunk)) this.destroy();
    });
    last.on('end', () => {
      if (!this.#isOver) body.onEnd();
      this.#isOver = true;
    });
  }

  write(chunk: Uint8Array): boolean {
    return this.#isOver || this.#first.write(chunk);
  }

  end(): void {
    this.#first.end();
  }

  destroy(): void {
    this.#isOver = true;
    for (const stream of this.#streams) stream.destroy();
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
      return [createGunzip(ZLIB_OPTIONS)];
    case 'deflate':
      return [new DeflateDecoder(ZLIB_OPTIONS)];
    case 'br':
      return [createBrotliDecompress(BROTLI_OPTIONS)];
    case 'zstd':
      return createZstdDecoders(HIGH_WATER_BYTES);
  }
}
