/** An in-memory journal that outlives the parts that use it, as a folder outlives a process. */

import type { MeteringEpoch } from '../../src/meter/chain/epochs.ts';
import type { JournalGap } from '../../src/meter/gaps.ts';
import {
  JournalError,
  type JournalRecord,
  type MeteringConfiguration,
  type WatchedJournal,
} from '../../src/meter/port.ts';
import type { Usage } from '../../src/meter/usage.ts';

export class MemoryJournal implements WatchedJournal {
  readonly id: string;
  lastSequence = 0;
  /** If true, appends fail. */
  broken = false;
  /** If true, confirmed records are kept, as a folder keeps them for a day. */
  retains = false;
  /** Number of calls of `append`. */
  appends = 0;
  #records: JournalRecord[] = [];
  confirmed = 0;

  #heard: () => void = () => {};

  constructor(id: string) {
    this.id = id;
  }

  get kept(): number {
    return this.#records.length;
  }

  append(
    usage: readonly Usage[],
    gap?: JournalGap,
    configuration?: MeteringConfiguration,
    epoch?: MeteringEpoch,
  ): number {
    this.appends += 1;
    if (this.broken) throw new JournalError('journal_full', 'full');
    this.lastSequence += 1;
    this.#records.push({
      ...{ sequence: this.lastSequence, usage },
      ...(gap && { gap }),
      ...(configuration && { configuration }),
      ...(epoch && { epoch }),
    });
    this.#heard();
    return this.lastSequence;
  }

  onReadable(heard: () => void): void {
    this.#heard = heard;
  }

  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    return this.#records.filter((record) => record.sequence > afterSequence).slice(0, maxRecords);
  }

  confirm(sequence: number): void {
    if (!this.retains) this.forget(sequence);
    this.lastSequence = Math.max(this.lastSequence, sequence);
    this.confirmed = Math.max(this.confirmed, sequence);
  }

  rewind(sequence: number): void {
    this.confirmed = Math.min(this.confirmed, sequence);
  }

  /** Makes confirmed records old enough to be deleted. */
  age(): void {
    this.forget(this.confirmed);
  }

  /** Loses the contents of these records on disk. */
  damage(...sequences: number[]): void {
    this.#records = this.#records.map((record) =>
      sequences.includes(record.sequence)
        ? { sequence: record.sequence, usage: [], isDamaged: true }
        : record,
    );
  }

  /** Deletes everything up to `sequence`. */
  forget(sequence: number): void {
    this.#records = this.#records.filter((record) => record.sequence > sequence);
  }

  async close(): Promise<void> {}
}
