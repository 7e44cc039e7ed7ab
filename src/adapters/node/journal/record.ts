/**
 * One journal record as bytes: payload length (u32), CRC-32 of what follows (u32), sequence (f64), payload
 * (journal-payload.ts). All little-endian. A record whose CRC does not hold is damage, or a torn tail.
 */

import { crc32 } from 'node:zlib';
import type { JournalRecord } from '../../../meter/port.ts';
import { parsePayload, payloadOf } from './payload.ts';

const headerBytes = 16;
/** Where the CRC's cover begins: the sequence is under it, so a record cannot pass for another. */
const coveredFrom = 8;
/** A length above this is damage, not a record: 64 MiB hold half a million usages. */
const maxPayloadBytes = 64 * 1024 * 1024;

/** Header and `[]`. */
const leastRecordBytes = headerBytes + 2;

/** A buffer that is written over by every record and grows to the largest: no allocation per append. */
export class RecordEncoder {
  buffer = Buffer.allocUnsafe(64 * 1024);

  /** Writes the record to the start of `buffer`; returns its length in bytes. */
  encode({ sequence, usage, gap, configuration }: JournalRecord): number {
    const payload = payloadOf(usage, gap, configuration);
    // A UTF-16 unit is three bytes of UTF-8 at most.
    const worst = headerBytes + payload.length * 3;
    if (worst > this.buffer.length) this.buffer = Buffer.allocUnsafe(worst * 2);
    const length = this.buffer.write(payload, headerBytes, 'utf8');
    this.buffer.writeUInt32LE(length, 0);
    this.buffer.writeDoubleLE(sequence, coveredFrom);
    this.buffer.writeUInt32LE(crc32(this.buffer.subarray(coveredFrom, headerBytes + length)), 4);
    return headerBytes + length;
  }
}

export interface DecodedRecord {
  readonly record: JournalRecord;
  /** Where the next record begins. */
  readonly end: number;
}

/** The whole and undamaged record at `offset`, or null: the bytes end before it does, or its CRC does not hold. */
export function decodeRecord(bytes: Buffer, offset: number): DecodedRecord | null {
  const end = wholeRecordEnd(bytes, offset);
  if (end === null) return null;
  const sequence = bytes.readDoubleLE(offset + coveredFrom);
  return { record: { sequence, ...parsePayload(bytes.toString('utf8', offset + headerBytes, end)) }, end };
}

/** The sequence of the whole and undamaged record at `offset` and its end, without reading its payload. */
export function peekRecord(bytes: Buffer, offset: number): { sequence: number; end: number } | null {
  const end = wholeRecordEnd(bytes, offset);
  return end === null ? null : { sequence: bytes.readDoubleLE(offset + coveredFrom), end };
}

/**
 * Where reading can go on behind damage at `offset`: the next whole record after `lastSequence`, or null. It searches
 * byte by byte, 8 MiB in 60 ms; a number that so few bytes cannot have reached is no record's.
 */
export function findRecord(
  bytes: Buffer,
  offset: number,
  lastSequence: number,
): { readonly offset: number; readonly sequence: number } | null {
  for (let at = offset + 1; at + leastRecordBytes <= bytes.length; at++) {
    const sequence = bytes.readDoubleLE(at + coveredFrom);
    const mostLost = (at - offset) / leastRecordBytes;
    if (!(sequence > lastSequence && sequence <= lastSequence + 1 + mostLost)) continue;
    if (Number.isInteger(sequence) && wholeRecordEnd(bytes, at) !== null) return { offset: at, sequence };
  }
  return null;
}

function wholeRecordEnd(bytes: Buffer, offset: number): number | null {
  if (offset + headerBytes > bytes.length) return null;
  const length = bytes.readUInt32LE(offset);
  const end = offset + headerBytes + length;
  // A payload is never empty; zeros, as a file system leaves them after a loss of power, are no record.
  if (length === 0 || length > maxPayloadBytes || end > bytes.length) return null;
  return crc32(bytes.subarray(offset + coveredFrom, end)) === bytes.readUInt32LE(offset + 4) ? end : null;
}
