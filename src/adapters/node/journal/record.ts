/**
 * One journal record as bytes: payload length (u32), CRC-32 of the rest (u32), sequence (f64), payload (`payload.ts`).
 * All numbers are little-endian. A record with a wrong CRC is damaged or part of a torn tail.
 */

import { crc32 } from 'node:zlib';
import type { JournalRecord } from '../../../meter/port.ts';
import { parsePayload, payloadOf } from '../../../meter/record-payload.ts';

const HEADER_BYTES = 16;
/** Offset from which the CRC is computed. It covers the sequence, so no record is mistaken for another. */
const CHECKED_FROM = 8;
/** A larger length is damage: 64 MiB hold half a million usages. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** Header and `[]`. */
const MIN_RECORD_BYTES = HEADER_BYTES + 2;

/** Encodes into one buffer, which each record overwrites and which grows to the largest: no allocation per append. */
export class RecordEncoder {
  buffer = Buffer.allocUnsafe(64 * 1024);

  /** Writes the record to the start of `buffer`; returns its length in bytes. */
  encode({ sequence, usage, gap, configuration, epoch }: JournalRecord): number {
    const payload = payloadOf(usage, gap, configuration, epoch);
    // A UTF-16 code unit takes at most three bytes in UTF-8.
    const worst = HEADER_BYTES + payload.length * 3;
    if (worst > this.buffer.length) this.buffer = Buffer.allocUnsafe(worst * 2);
    const length = this.buffer.write(payload, HEADER_BYTES, 'utf8');
    this.buffer.writeUInt32LE(length, 0);
    this.buffer.writeDoubleLE(sequence, CHECKED_FROM);
    this.buffer.writeUInt32LE(crc32(this.buffer.subarray(CHECKED_FROM, HEADER_BYTES + length)), 4);
    return HEADER_BYTES + length;
  }
}

export interface DecodedRecord {
  readonly record: JournalRecord;
  /** Offset of the next record. */
  readonly end: number;
}

/** The record at `offset`; null if the bytes end before it or its CRC is wrong. */
export function decodeRecord(bytes: Buffer, offset: number): DecodedRecord | null {
  const end = wholeRecordEnd(bytes, offset);
  if (end === null) return null;
  const sequence = bytes.readDoubleLE(offset + CHECKED_FROM);
  return { record: { sequence, ...parsePayload(bytes.toString('utf8', offset + HEADER_BYTES, end)) }, end };
}

/** The sequence and the end of the record at `offset`, without its payload; null under the same conditions. */
export function peekRecord(bytes: Buffer, offset: number): { sequence: number; end: number } | null {
  const end = wholeRecordEnd(bytes, offset);
  return end === null ? null : { sequence: bytes.readDoubleLE(offset + CHECKED_FROM), end };
}

/**
 * Finds the next valid record after damage at `offset`; null if there is none. It searches byte by byte, 8 MiB in
 * 60 ms. Sequences that the damaged bytes are too few to account for are ignored.
 */
export function findRecord(
  bytes: Buffer,
  offset: number,
  lastSequence: number,
): { readonly offset: number; readonly sequence: number } | null {
  for (let at = offset + 1; at + MIN_RECORD_BYTES <= bytes.length; at++) {
    const sequence = bytes.readDoubleLE(at + CHECKED_FROM);
    const maxLost = (at - offset) / MIN_RECORD_BYTES;
    if (!(sequence > lastSequence && sequence <= lastSequence + 1 + maxLost)) continue;
    if (Number.isInteger(sequence) && wholeRecordEnd(bytes, at) !== null) return { offset: at, sequence };
  }
  return null;
}

function wholeRecordEnd(bytes: Buffer, offset: number): number | null {
  if (offset + HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(offset);
  const end = offset + HEADER_BYTES + length;
  // A payload is never empty: zeros, which a file system may leave after a power failure, are not a record.
  if (length === 0 || length > MAX_PAYLOAD_BYTES || end > bytes.length) return null;
  return crc32(bytes.subarray(offset + CHECKED_FROM, end)) === bytes.readUInt32LE(offset + 4) ? end : null;
}
