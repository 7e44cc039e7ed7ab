/** The base class of decoders that choose a decoder of zlib by the first bytes. */

import { Transform, type TransformCallback } from 'node:stream';
import type { Inflate, InflateRaw, ZlibOptions } from 'node:zlib';

export type InnerOptions = ZlibOptions & {
  readonly readableHighWaterMark: number;
  readonly writableHighWaterMark: number;
};

/** A stream around a decoder of zlib, which is paused while the reader has no room. */
export abstract class InnerDecoder extends Transform {
  protected readonly options: InnerOptions;
  /** Null until the coding is known, and between the members of one. */
  protected inner: Inflate | InflateRaw | null = null;

  constructor(options: InnerOptions) {
    const { readableHighWaterMark, writableHighWaterMark } = options;
    super({ readableHighWaterMark, writableHighWaterMark });
    this.options = options;
  }

  /** Called when the reader has room again. */
  override _read(size: number): void {
    this.inner?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.inner?.destroy();
    done(error);
  }

  /** Ends the inner decoder; `done` is called once it has emitted all its output. */
  protected endInner(inner: Inflate | InflateRaw, done: TransformCallback): void {
    inner.once('end', () => done());
    inner.end();
  }
}
