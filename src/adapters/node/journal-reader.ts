/** Reads records back from a journal's segments: only after a start, or where the ledger was away for long. */

import { JournalError, type JournalRecord } from '../../meter/port.ts';
import type { JournalDisk } from './journal-disk.ts';
import type { Segment } from './journal-folder.ts';
import { decodeRecord } from './journal-record.ts';

/** One more than the flows that read, so that none takes the other's place away. */
const maxPlaces = 3;

export class SegmentReader {
  /** Where reading stopped, by the sequence it stopped at: the next page goes on there. */
  readonly #places = new Map<number, { readonly path: string; readonly offset: number }>();

  readonly #disk: JournalDisk;

  constructor(disk: JournalDisk) {
    this.#disk = disk;
  }

  /** Up to `maxRecords` records of the segment after `afterSequence`, up to `upTo`. */
  async read(segment: Segment, afterSequence: number, upTo: number, maxRecords: number) {
    const place = this.#places.get(afterSequence);
    const from = place?.path === segment.path ? place.offset : 0;
    const bytes = await readFrom(this.#disk, segment, from);
    const records: JournalRecord[] = [];
    let offset = 0;
    let last = segment.firstSequence - 1;
    while (offset < bytes.length && records.length < maxRecords && last < upTo) {
      const decoded = decodeRecord(bytes, offset);
      if (!decoded) throw damaged(segment, from + offset);
      offset = decoded.end;
      last = decoded.record.sequence;
      if (last > afterSequence && last <= upTo) records.push(decoded.record);
    }
    this.#places.delete(afterSequence);
    this.#remember(last, segment.path, from + offset);
    return records;
  }

  #remember(sequence: number, path: string, offset: number): void {
    this.#places.set(sequence, { path, offset });
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= maxPlaces) return;
      this.#places.delete(oldest);
    }
  }
}

/** A segment is small (8 MiB): the rest of it is read in one piece. */
async function readFrom(disk: JournalDisk, segment: Segment, offset: number): Promise<Buffer> {
  const fd = disk.openToRead(segment.path);
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, segment.bytes - offset));
    return bytes.subarray(0, await disk.read(fd, bytes, offset));
  } finally {
    disk.close(fd);
  }
}

function damaged(segment: Segment, offset: number): JournalError {
  return new JournalError(
    'journal_damaged',
    `${segment.path} is damaged at byte ${offset}: its CRC does not hold. The disk changed what was written; ` +
      'restore the file from a backup. Records after it wait until then.',
  );
}
