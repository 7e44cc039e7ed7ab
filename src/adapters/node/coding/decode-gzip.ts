/**
 * Decodes the content coding "gzip" (RFC 1952) like clients do: all consecutive members, without the bytes after the
 * last one. Node's own decoder loses a member if other bytes follow it in the same chunk.
 */

import type { TransformCallback } from 'node:stream';
import { crc32, createInflateRaw, type Inflate, type InflateRaw } from 'node:zlib';
import { gzipHeaderLength } from './gzip-header.ts';
import { InnerDecoder } from './inner-decoder.ts';

/** Checksum and length of the decoded bytes. */
const TRAILER_BYTES = 8;
const EMPTY = Buffer.alloc(0);

export class GunzipDecoder extends InnerDecoder {
  /** Number of bytes written to `inner`. */
  #given = 0;
  /** The start of an incomplete header or trailer. */
  #held: Buffer = EMPTY;
  #isInTrailer = false;
  #members = 0;
  #crc = 0;
  #length = 0;
  /** True if the bytes that follow are not a member. */
  #isOver = false;
  #done: TransformCallback | null = null;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#done = done;
    this.#read(chunk);
  }

  override _flush(done: TransformCallback): void {
    this.#done = done;
    // A truncated member yields the bytes that it contained.
    if (this.inner === null || this.#isOver) this.#finish();
    else this.endInner(this.inner, () => this.#finish());
  }

  #finish(): void {
    const done = this.#done;
    this.#done = null;
    done?.();
  }

  #read(chunk: Buffer): void {
    if (this.#isOver || chunk.length === 0) this.#finish();
    else if (this.inner !== null) this.#inflate(this.inner, chunk);
    else {
      this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
      if (this.#isInTrailer) this.#trailer();
      else this.#header();
    }
  }

  #header(): void {
    // Archives are padded with zeros.
    const from = this.#members === 0 ? 0 : this.#held.findIndex((byte) => byte !== 0);
    const bytes = from === -1 ? EMPTY : this.#held.subarray(from);
    const length = gzipHeaderLength(bytes);
    if (length === 'none') this.#fault(new Error('The bytes are not gzip.'));
    else if (length === 'cut') {
      this.#held = bytes;
      this.#finish();
    } else {
      this.#held = EMPTY;
      this.inner = this.#open();
      this.#read(bytes.subarray(length));
    }
  }

  #open(): InflateRaw {
    const inner = createInflateRaw(this.options);
    this.#given = 0;
    this.#crc = 0;
    this.#length = 0;
    inner.on('data', (chunk: Buffer) => {
      this.#crc = crc32(chunk, this.#crc);
      this.#length = (this.#length + chunk.length) >>> 0;
      if (!this.push(chunk)) inner.pause();
    });
    inner.on('error', (error) => this.#fault(error));
    return inner;
  }

  #inflate(inner: Inflate | InflateRaw, chunk: Buffer): void {
    this.#given += chunk.length;
    inner.write(chunk, (error) => {
      if (error) return;
      const left = this.#given - inner.bytesWritten;
      const endMember = () => this.#endMember(chunk.subarray(chunk.length - left));
      if (left === 0) this.#finish();
      else if (inner.readableEnded) endMember();
      else inner.once('end', endMember);
    });
  }

  #endMember(rest: Buffer): void {
    this.inner = null;
    this.#isInTrailer = true;
    this.#read(rest);
  }

  #trailer(): void {
    if (this.#held.length < TRAILER_BYTES) {
      this.#finish();
      return;
    }
    const isSound = this.#held.readUInt32LE(0) === this.#crc && this.#held.readUInt32LE(4) === this.#length;
    if (!isSound) {
      this.#fault(new Error('The checksum of a gzip member is wrong.'));
      return;
    }
    this.#members++;
    this.#isInTrailer = false;
    const rest = this.#held.subarray(TRAILER_BYTES);
    this.#held = EMPTY;
    this.#read(rest);
  }

  /** After a valid member, bytes that are not a member are ignored. */
  #fault(error: Error): void {
    if (this.#members === 0) {
      this.destroy(error);
      return;
    }
    this.#isOver = true;
    this.push(null);
    this.#finish();
  }
}
