/**
 * The newest records of a journal in memory: shipping reads no files while it keeps up, and a repair can rewrite
 * records that the disk could not sync. Records that are not synced are never evicted.
 */

import type { JournalRecord } from '../../../meter/port.ts';

/** 32 MB. */
const MAX_IDS = 4_000_000;
const MAX_UNSYNCED = 65_536;

export class RecentRecords {
  readonly #maxRecords: number;
  /** Consecutive records, up to the journal's last one. */
  #records: JournalRecord[] = [];
  /** Number of post ids in the records. */
  #ids = 0;

  /** @param maxRecords maximum number of synced records. */
  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  push(record: JournalRecord, synced: number): void {
    this.#records.push(record);
    this.#ids += idsIn(record);
    if (this.#records.length <= this.#maxRecords && this.#ids <= MAX_IDS) return;
    const half = Math.ceil(this.#records.length / 2);
    const evictable = this.#countUpTo(synced);
    // Evict in bulk only, because the remaining records are copied.
    if (evictable * 8 >= half) this.#evictOldest(Math.min(half, evictable));
  }

  /** False if so many records are not synced that memory would exceed its limit. */
  hasRoom(synced: number): boolean {
    const unsynced = this.#records.length - this.#countUpTo(synced);
    return unsynced < MAX_UNSYNCED && (this.#ids <= MAX_IDS || unsynced * 2 < this.#records.length);
  }

  evictUpTo(sequence: number): void {
    const count = this.#countUpTo(sequence);
    if (count > 0) this.#evictOldest(count);
  }

  /** Up to `maxRecords` records after `afterSequence`, up to `upTo`; null if the first of them was evicted. */
  after(afterSequence: number, upTo: number, maxRecords: number): readonly JournalRecord[] | null {
    const first = this.#records[0]?.sequence;
    if (first === undefined || first > afterSequence + 1) return null;
    const skip = afterSequence + 1 - first;
    return this.#records.slice(skip, Math.min(skip + maxRecords, upTo + 1 - first));
  }

  #countUpTo(sequence: number): number {
    const first = this.#records[0]?.sequence;
    if (first === undefined) return 0;
    return Math.min(this.#records.length, Math.max(0, sequence + 1 - first));
  }

  #evictOldest(count: number): void {
    for (let at = 0; at < count; at++) this.#ids -= idsIn(this.#records[at]!);
    this.#records = this.#records.slice(count);
  }
}

function idsIn({ usage }: JournalRecord): number {
  let ids = 0;
  for (const one of usage) if (one.ids !== undefined) ids += one.ids.length / 2;
  return ids;
}
