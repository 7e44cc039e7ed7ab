/**
 * Decodes Zstandard (RFC 8878) with streams: Node's own decoder if this version has one, else fzstd. Windows are limited
 * to the 8 MiB that RFC 9659 allows in HTTP, because a decoder allocates the size that a frame's header specifies.
 */

import { Transform, type TransformCallback } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { ZstdFrames } from './decode-zstd-frames.ts';

/** RFC 9659, section 3: a decoder of the content coding need not support more. */
const WINDOW_LOG_MAX = 23;
const MAX_WINDOW_BYTES = 2 ** WINDOW_LOG_MAX;

/** Four bytes can encode a block of 128 KiB, so a slice yields at most 8 MiB. The event loop runs between slices. */
const SLICE_BYTES = 256;
const DECODED_BYTES_PER_TURN = 4 * 1024 * 1024;

/** The interface of Node 22.15, 23.8 and later, because the installed types are those of Node 20. */
interface NodeZstd {
  createZstdDecompress(options: {
    params: Record<number, number>;
    finishFlush: number;
    highWaterMark: number;
  }): Transform;
  constants: { ZSTD_d_windowLogMax: number; ZSTD_e_flush: number };
}

/** Returns streams to be connected in this order. Together they decode one body of any number of frames. */
export function createZstdDecoders(highWaterMark: number): Transform[] {
  if (!hasZstd(zlib)) return [new FzstdDecoder(highWaterMark)];
  const { ZSTD_d_windowLogMax, ZSTD_e_flush } = zlib.constants;
  const options = { params: { [ZSTD_d_windowLogMax]: WINDOW_LOG_MAX }, finishFlush: ZSTD_e_flush };
  return [new FrameSplitter(highWaterMark), zlib.createZstdDecompress({ ...options, highWaterMark })];
}

function hasZstd(module: object): module is NodeZstd {
  return 'createZstdDecompress' in module;
}

/** Splits chunks at the ends of frames, because the decoder of Node 22 and 24 drops bytes after a frame in one write. */
class FrameSplitter extends Transform {
  readonly #frames = new ZstdFrames(MAX_WINDOW_BYTES);

  constructor(highWaterMark: number) {
    // The reader must receive each chunk as it was pushed, not several joined.
    super({ writableHighWaterMark: highWaterMark, readableObjectMode: true });
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    try {
      for (let from = 0; from < chunk.length; ) {
        const to = this.#frames.check(chunk, from);
        this.push(chunk.subarray(from, to));
        from = to;
      }
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }
}

/** fzstd as a stream. Exported for tests, which run it on every version of Node. */
export class FzstdDecoder extends Transform {
  readonly #frames = new ZstdFrames(MAX_WINDOW_BYTES);
  #decoded = 0;
  readonly #decompress = new Decompress((bytes) => {
    this.#decoded += bytes.length;
    // fzstd reuses its output buffer.
    if (bytes.length > 0) this.push(Buffer.from(bytes));
  });

  constructor(highWaterMark: number) {
    super({ highWaterMark });
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#slices(chunk, 0, done);
  }

  /** A truncated stream is not an error: the decoded bytes remain valid. */
  override _flush(done: TransformCallback): void {
    if (this.#frames.isWhole) this.#guarded(done, () => this.#decompress.push(new Uint8Array(0), true));
    else done();
  }

  #slices(chunk: Buffer, from: number, done: TransformCallback): void {
    this.#guarded(done, () => {
      let at = from;
      while (at < chunk.length && this.#decoded < DECODED_BYTES_PER_TURN) {
        const slice = chunk.subarray(at, at + SLICE_BYTES);
        for (let read = 0; read < slice.length; ) read = this.#frames.check(slice, read);
        this.#decompress.push(slice);
        at += slice.length;
      }
      this.#decoded = 0;
      if (at < chunk.length) {
        setImmediate(() => this.#slices(chunk, at, done));
        return false;
      }
      return true;
    });
  }

  /** Catches the errors of fzstd for invalid bytes. `step` returns false if it will call `done` later. */
  #guarded(done: TransformCallback, step: () => unknown): void {
    let isDone: unknown;
    try {
      isDone = step();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (isDone !== false) done();
  }
}
