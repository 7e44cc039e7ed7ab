/**
 * Zstandard (RFC 8878) as a stream. Node's own where this version has it, else fzstd's, held to the window of 8 MiB
 * that RFC 9659 allows in HTTP, since it would otherwise allocate what a frame's header asks for.
 */

import { Transform, type TransformCallback } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { ZstdFrames } from './decode-zstd-frames.ts';

/** RFC 9659 3: a decoder of the content coding need not support more. */
const WINDOW_LOG_MAX = 23;
const MAX_WINDOW_BYTES = 2 ** WINDOW_LOG_MAX;

/** Four bytes can stand for a block of 128 KiB, so a slice stands for 32 MiB at most: then others have their turn. */
const SLICE_BYTES = 1024;
const DECODED_BYTES_PER_TURN = 4 * 1024 * 1024;

/** What Node 22.15 and 23.8 brought; the types are those of Node 20. */
interface NodeZstd {
  createZstdDecompress(options: { params: Record<number, number>; highWaterMark: number }): Transform;
  constants: { ZSTD_d_windowLogMax: number };
}

/** A stream that decodes one body of any number of frames. */
export function createZstdDecoder(highWaterMark: number): Transform {
  if (!hasZstd(zlib)) return new FzstdDecoder(highWaterMark);
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX };
  return zlib.createZstdDecompress({ params, highWaterMark });
}

function hasZstd(module: object): module is NodeZstd {
  return 'createZstdDecompress' in module;
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
        this.#frames.check(slice);
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
