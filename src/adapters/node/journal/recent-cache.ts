/**
 * The newest records of a journal, in memory too: shipping reads no files while it keeps up, and what the disk could
 * not sync can be written anew. So nothing that is not synced is ever forgotten.
 */

import type { JournalRecord } from '../../../meter/port.ts';

/** 32 MB. */
const mostIds = 4_000_000;
const mostUnsynced = 65_536;

export class RecentRecords {
  readonly #most: number;
  /** Without a gap between them, ending with the journal's last one. */
  #records: JournalRecord[] = [];
  /** Ids of posts in them. */
  #ids = 0;

  /** `most`: of those that are synced. */
  constructor(most: number) {
    this.#most = most;
  }

  push(record: JournalRecord, synced: number): void {
    this.#records.push(record);
    this.#ids += idsIn(record);
    if (this.#records.length <= this.#most && this.#ids <= mostIds) return;
    const half = Math.ceil(this.#records.length / 2);
    const forgettable = this.#countUpTo(synced);
    // Not for a few of them: what stays is copied.
    if (forgettable * 8 >= half) this.#forgetOldest(Math.min(half, forgettable));
  }

  /** False where the disk is so far behind with its syncs that more would be held than memory should. */
  hasRoom(synced: number): boolean {
    const unsynced = this.#records.length - this.#countUpTo(synced);
    return unsynced < mostUnsynced && (this.#ids <= mostIds || unsynced * 2 < this.#records.length);
  }

  forgetUpTo(sequence: number): void {
    const count = this.#countUpTo(sequence);
    if (count > 0) this.#forgetOldest(count);
  }

  /** Up to `most` records after `afterSequence`, up to `upTo`; null where the first of them is no longer here. */
  after(afterSequence: number, upTo: number, most: number): readonly JournalRecord[] | null {
    const first = this.#records[0]?.sequence;
    if (first === undefined || first > afterSequence + 1) return null;
    const skip = afterSequence + 1 - first;
    return this.#records.slice(skip, Math.min(skip + most, upTo + 1 - first));
  }

  #countUpTo(sequence: number): number {
    const first = this.#records[0]?.sequence;
    if (first === undefined) return 0;
    return Math.min(this.#records.length, Math.max(0, sequence + 1 - first));
  }

  #forgetOldest(count: number): void {
    for (let at = 0; at < count; at++) this.#ids -= idsIn(this.#records[at]!);
    this.#records = this.#records.slice(count);
  }
}

function idsIn({ usage }: JournalRecord): number {
  let ids = 0;
  for (const one of usage) if (one.ids !== undefined) ids += one.ids.length / 2;
  return ids;
}
