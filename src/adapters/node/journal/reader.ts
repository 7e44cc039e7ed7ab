/**
 * Reads records back from a journal's segments: after a start, after a long outage of the ledger, or after its
 * restoration to an older state. Damaged records are returned as empty ones, the first of them with a gap, so that the
 * records after them reach the ledger and it knows what it lacks.
 */

import type { JournalRecord } from '../../../meter/port.ts';
import type { JournalDisk } from './disk.ts';
import type { Segment } from './folder.ts';
import { type DecodedRecord, decodeRecord, findRecord } from './record.ts';
import type { Damage } from './scan.ts';

/** One more than the number of loops that read, so that no loop evicts the position of another. */
const MAX_POSITIONS = 3;
/** Size of one read. A longer record is read completely. */
const CHUNK_BYTES = 1024 * 1024;

export interface ReadRange {
  readonly afterSequence: number;
  /** The last sequence that may be returned; not after the segment's end. */
  readonly upTo: number;
  readonly maxRecords: number;
  /**
   * Takes the first sequence that is missing after the segment's last byte; returns the last one of the run that was
   * lost and must be returned as empty. Sequences after it were never written here and are left out, because the ledger
   * got them from elsewhere (`Journal.confirm`).
   */
  readonly lastLostFrom: (sequence: number) => number;
}

/** A position in a segment: after the record `sequence`. */
interface Position {
  readonly path: string;
  readonly offset: number;
  readonly sequence: number;
  /** Bucket of the last usage read; undefined if there was none. */
  readonly bucketMs: number | undefined;
}

export class SegmentReader {
  readonly #disk: JournalDisk;
  readonly #onDamage: (damage: Damage) => void;
  /** Position by the sequence at which reading stopped; the next page continues there. */
  readonly #positions = new Map<number, Position>();

  constructor(disk: JournalDisk, onDamage: (damage: Damage) => void) {
    this.#disk = disk;
    this.#onDamage = onDamage;
  }

  async read(segment: Segment, range: ReadRange): Promise<readonly JournalRecord[]> {
    const { afterSequence } = range;
    const known = this.#positions.get(afterSequence);
    const start = { path: segment.path, offset: 0, sequence: segment.firstSequence - 1, bucketMs: undefined };
    const page = new Page(range, known?.path === segment.path ? known : start);
    const fd = this.#disk.openToRead(segment.path);
    try {
      while (!page.isFull && (await this.#readOn(fd, segment, page, range)));
    } finally {
      this.#disk.close(fd);
    }
    this.#positions.delete(afterSequence);
    if (page.place.sequence === page.lastSequence) this.#remember(page.place);
    return page.records;
  }

  /** Reads one chunk, or as much as one record needs. Returns false at the segment's end. */
  async #readOn(fd: number, segment: Segment, page: Page, range: ReadRange): Promise<boolean> {
    const { offset } = page.place;
    const rest = segment.bytes - offset;
    if (rest <= 0) return this.#fillBehindEnd(segment, page, range);
    for (let size = Math.min(CHUNK_BYTES, rest); ; size = Math.min(size * 4, rest)) {
      const bytes = await this.#bytesAt(fd, offset, size);
      if (page.take(bytes)) return true;
      if (size < rest) continue;
      this.#skipDamage(segment, page, bytes, range.upTo);
      return true;
    }
  }

  #fillBehindEnd(segment: Segment, page: Page, { upTo, lastLostFrom }: ReadRange): boolean {
    const { offset, sequence } = page.place;
    const lastSequence = Math.min(upTo, lastLostFrom(sequence + 1));
    if (lastSequence <= sequence) return false;
    page.fill(lastSequence, offset, segment.sinceMs);
    this.#onDamage({ path: segment.path, offset, firstSequence: sequence + 1, lastSequence });
    return true;
  }

  async #bytesAt(fd: number, offset: number, size: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.max(0, size));
    let filled = 0;
    while (filled < bytes.length) {
      const count = await this.#disk.read(fd, bytes.subarray(filled), offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  #skipDamage(segment: Segment, page: Page, bytes: Buffer, upTo: number): void {
    const { offset, sequence } = page.place;
    const found = findRecord(bytes, 0, sequence);
    const behind = found !== null && found.sequence <= upTo ? found : null;
    const lastSequence = behind === null ? upTo : behind.sequence - 1;
    const decoded = behind === null ? null : decodeRecord(bytes, behind.offset);
    page.fill(lastSequence, offset + (behind?.offset ?? bytes.length), bucketOf(decoded) ?? segment.sinceMs);
    if (lastSequence > sequence) {
      this.#onDamage({ path: segment.path, offset, firstSequence: sequence + 1, lastSequence });
    }
  }

  #remember(place: Position): void {
    this.#positions.set(place.sequence, place);
    for (const oldest of this.#positions.keys()) {
      if (this.#positions.size <= MAX_POSITIONS) return;
      this.#positions.delete(oldest);
    }
  }
}

/** The records collected for one call. */
class Page {
  readonly records: JournalRecord[] = [];
  readonly #range: ReadRange;
  place: Position;

  constructor(range: ReadRange, place: Position) {
    this.#range = range;
    this.place = place;
  }

  get isFull(): boolean {
    return this.records.length >= this.#range.maxRecords || this.place.sequence >= this.#range.upTo;
  }

  get lastSequence(): number {
    return this.records.at(-1)?.sequence ?? this.#range.afterSequence;
  }

  /** Takes the complete records that follow the position. Returns false if there are none. */
  take(bytes: Buffer): boolean {
    let offset = 0;
    while (!this.isFull) {
      const decoded = decodeRecord(bytes, offset);
      if (decoded?.record.sequence !== this.place.sequence + 1) break;
      this.place = {
        path: this.place.path,
        offset: this.place.offset + decoded.end - offset,
        sequence: decoded.record.sequence,
        bucketMs: bucketOf(decoded) ?? this.place.bucketMs,
      };
      offset = decoded.end;
      if (decoded.record.sequence > this.#range.afterSequence) this.records.push(decoded.record);
    }
    return offset > 0;
  }

  /** Adds empty records up to `lastSequence`; reading continues at `offset`. The number of lost posts is unknown. */
  fill(lastSequence: number, offset: number, toMs: number): void {
    const { path, sequence: before, bucketMs } = this.place;
    const fromMs = Math.min(bucketMs ?? toMs, toMs);
    const gap = { fromMs, toMs, responses: lastSequence - before, posts: 0 };
    const { afterSequence, maxRecords } = this.#range;
    for (let sequence = Math.max(before, afterSequence) + 1; sequence <= lastSequence; sequence++) {
      if (this.records.length >= maxRecords) break;
      const empty = { sequence, usage: [], isDamaged: true as const };
      this.records.push(sequence === before + 1 ? { ...empty, gap } : empty);
    }
    this.place = { path, offset, sequence: lastSequence, bucketMs };
  }
}

function bucketOf(decoded: DecodedRecord | null): number | undefined {
  return decoded?.record.usage.at(-1)?.bucketMs;
}
