/**
 * Zstandard (RFC 8878) as streams: Node's own decoder if this version has it, else fzstd's. Windows are limited to the
 * 8 MiB that RFC 9659 allows in HTTP, since a decoder allocates what a frame's header asks for.
 */

import { Transform, type TransformCallback } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { ZstdFrames } from './decode-zstd-frames.ts';

/** RFC 9659 3: a decoder of the content coding need not support more. */
const WINDOW_LOG_MAX = 23;
const MAX_WINDOW_BYTES = 2 ** WINDOW_LOG_MAX;

/** Four bytes can stand for a block of 128 KiB, so a slice yields 8 MiB at most. Between slices, other work has its turn. */
const SLICE_BYTES = 256;
const DECODED_BYTES_PER_TURN = 4 * 1024 * 1024;

/** What Node 22.15 and 23.8 brought; the types are those of Node 20. */
interface NodeZstd {
  createZstdDecompress(options: {
    params: Record<number, number>;
    finishFlush: number;
    highWaterMark: number;
  }): Transform;
  constants: { ZSTD_d_windowLogMax: number; ZSTD_e_flush: number };
}

/** Streams to be piped in this order: together they decode one body of any number of frames. */
export function createZstdDecoders(highWaterMark: number): Transform[] {
  if (!hasZstd(zlib)) return [new FzstdDecoder(highWaterMark)];
  const { ZSTD_d_windowLogMax, ZSTD_e_flush } = zlib.constants;
  const options = { params: { [ZSTD_d_windowLogMax]: WINDOW_LOG_MAX }, finishFlush: ZSTD_e_flush };
  return [new FrameSplitter(highWaterMark), zlib.createZstdDecompress({ ...options, highWaterMark })];
}

function hasZstd(module: object): module is NodeZstd {
  return 'createZstdDecompress' in module;
}

/** Ends a chunk wherever a frame ends: the decoder of Node 22 and 24 drops what follows a frame in one write. */
class FrameSplitter extends Transform {
  readonly #frames = new ZstdFrames(MAX_WINDOW_BYTES);

  constructor(highWaterMark: number) {
    // Its reader must get each chunk as it was pushed, not several as one.
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

/** fzstd as a stream. Exported for its tests, which run it on every version of Node. */
export class FzstdDecoder extends Transform {
  readonly #frames = new ZstdFrames(MAX_WINDOW_BYTES);
  #decoded = 0;
  readonly #decompress = new Decompress((bytes) => {
    this.#decoded += bytes.length;
    // fzstd reuses what it hands out.
    if (bytes.length > 0) this.push(Buffer.from(bytes));
  });

  constructor(highWaterMark: number) {
    super({ highWaterMark });
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#slices(chunk, 0, done);
  }

  /** The end of a stream that is cut is no fault: what was decoded stands. */
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

  /** fzstd throws on bytes that do not decode. `step` returns false where it will call `done` later. */
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
