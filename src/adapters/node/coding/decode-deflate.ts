/**
 * Decodes the content coding "deflate" as servers send it: RFC 9110, section 8.4.1.2, requires zlib's format, but some
 * servers send a raw deflate stream. The first byte distinguishes them.
 */

import type { TransformCallback } from 'node:stream';
import { createInflate, createInflateRaw, type Inflate, type InflateRaw } from 'node:zlib';
import { InnerDecoder } from './inner-decoder.ts';

/** zlib's format has its method, 8, in the low four bits of the first byte (RFC 1950, section 2.2). */
const ZLIB_METHOD = 8;

export class DeflateDecoder extends InnerDecoder {
  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (chunk.length === 0) {
      done();
      return;
    }
    this.inner ??= this.#open(chunk[0]!);
    if (this.inner.writableEnded || this.inner.readableEnded) done();
    else this.inner.write(chunk, (error) => done(error));
  }

  override _flush(done: TransformCallback): void {
    if (this.inner === null || this.inner.readableEnded) {
      done();
      return;
    }
    this.endInner(this.inner, done);
  }

  #open(firstByte: number): Inflate | InflateRaw {
    const isZlib = (firstByte & 0x0f) === ZLIB_METHOD;
    const inner = isZlib ? createInflate(this.options) : createInflateRaw(this.options);
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause();
    });
    inner.on('error', (error) => this.destroy(error));
    return inner;
  }
}
