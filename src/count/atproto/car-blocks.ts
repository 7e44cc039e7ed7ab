/**
 * Splits a CAR, version 1 (ipld.io/specs/transport/car/carv1), into blocks as it passes: a header, then sections of a
 * varint length, a CID and the block's bytes. It holds at most one section.
 */

import { decode } from '@ipld/dag-cbor';
import { CID, varint } from 'multiformats';
import { memberOf } from './plan.ts';

/** AT Protocol records have at most 1 MiB; nodes of its tree are far smaller. */
const MAX_SECTION_BYTES = 2 * 1024 * 1024;
/** Eight bytes of seven bits cover every integer that a double holds. */
const MAX_VARINT_BYTES = 8;

/** @param codec of the block (multicodec). @param cid and `bytes` of the block are valid only during the call. */
export type OnBlock = (codec: number, cid: Uint8Array, bytes: Uint8Array) => void;

export class CarBlocks {
  /** The reason why reading stopped. */
  fault: 'frame' | 'too_large' | undefined;
  readonly #onBlock: OnBlock;
  readonly #length = new Uint8Array(MAX_VARINT_BYTES);
  #lengthBytes = 0;
  /** A section that began in an earlier chunk. */
  #section: Uint8Array | null = null;
  #sectionBytes = 0;
  #hasHeader = false;

  constructor(onBlock: OnBlock) {
    this.#onBlock = onBlock;
  }

  /** True between two blocks and after the last one. */
  get isWhole(): boolean {
    return this.fault === undefined && this.#hasHeader && this.#section === null && this.#lengthBytes === 0;
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.fault === undefined) {
      at = this.#section === null ? this.#begin(chunk, at) : this.#fill(this.#section, chunk, at);
    }
  }

  /** Reads a byte of a section's length; after its last byte, the part of the section that is in the chunk. */
  #begin(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!;
    const from = at + 1;
    if (this.#lengthBytes === MAX_VARINT_BYTES) {
      this.fault = 'frame';
      return from;
    }
    this.#length[this.#lengthBytes++] = byte;
    if (byte >= 0x80) return from;
    const [length] = varint.decode(this.#length.subarray(0, this.#lengthBytes));
    this.#lengthBytes = 0;
    if (length === 0) this.fault = 'frame';
    else if (length > MAX_SECTION_BYTES) this.fault = 'too_large';
    else if (length <= chunk.length - from) this.#take(chunk.subarray(from, from + length));
    else {
      this.#section = new Uint8Array(length);
      this.#sectionBytes = 0;
      return from;
    }
    return from + length;
  }

  #fill(section: Uint8Array, chunk: Uint8Array, at: number): number {
    const to = Math.min(chunk.length, at + section.length - this.#sectionBytes);
    section.set(chunk.subarray(at, to), this.#sectionBytes);
    this.#sectionBytes += to - at;
    if (this.#sectionBytes === section.length) {
      this.#section = null;
      this.#take(section);
    }
    return to;
  }

  #take(section: Uint8Array): void {
    if (this.#hasHeader) {
      this.#readBlock(section);
    } else if (isHeader(section)) this.#hasHeader = true;
    else this.fault = 'frame';
  }

  #readBlock(section: Uint8Array): void {
    const cid = inspected(section);
    if (cid === null || cid.size > section.length) this.fault = 'frame';
    else this.#onBlock(cid.codec, section.subarray(0, cid.size), section.subarray(cid.size));
  }
}

/** Only its bytes are needed: constructing a CID from them takes a third of the time of decoding a block. */
function inspected(section: Uint8Array): ReturnType<typeof CID.inspectBytes> | null {
  try {
    return CID.inspectBytes(section);
  } catch {
    // The library throws various errors for bytes that are not a CID.
    return null;
  }
}

function isHeader(section: Uint8Array): boolean {
  const header = decodedBlock(section);
  return memberOf(header, 'version') === 1 && Array.isArray(memberOf(header, 'roots'));
}

/** The value of DAG-CBOR bytes; undefined, which DAG-CBOR cannot express, if they are invalid. */
export function decodedBlock(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch {
    // The library throws various errors, including a RangeError of the stack for deeply nested values.
    return undefined;
  }
}
