/**
 * A witness between a journal and its users. It knows which records were appended, which of them a loss of power may
 * destroy, and which it did destroy. It reads the disk independently of the journal.
 */

import { crc32 } from 'node:zlib';
import type { FileJournal } from '../../src/adapters/node/journal/journal.ts';
import type { JournalGap } from '../../src/meter/gaps.ts';
import type { JournalRecord, WatchedJournal } from '../../src/meter/port.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { expect, Violation } from './violation.ts';

interface Witnessed {
  readonly usage: readonly Usage[];
  /** The gap that it reports: responses that were served unmetered before it. */
  readonly gap?: JournalGap | undefined;
  /**
   * False if the append failed or the process died during it. The record may exist, but was never reported as written.
   */
  readonly isCertain: boolean;
}

/** The records of one folder, over all processes that used it. */
export class JournalHistory {
  readonly records = new Map<number, Witnessed>();
  /** Records that a loss of power destroyed. */
  readonly lost: Usage[] = [];
  journalId = '';

  appended(sequence: number, record: Witnessed): void {
    this.records.set(sequence, record);
  }

  /** Called after a loss of power, with the remaining files. Returns the number of destroyed records. */
  powerLost(before: Iterable<Buffer>, after: Iterable<Buffer>): number {
    const had = recordsIn(before);
    const has = recordsIn(after);
    let count = 0;
    for (const [sequence, { isCertain, usage }] of this.records) {
      if (!had.has(sequence) || has.has(sequence)) continue;
      this.records.delete(sequence);
      if (!isCertain) continue;
      this.lost.push(...usage);
      count++;
    }
    return count;
  }

  /**
   * A process has opened the folder and reports this last record. Records without a witnessed append are taken as
   * found.
   */
  opened(journalId: string, lastSequence: number, files: Iterable<Buffer>): void {
    expect(this.journalId === '' || this.journalId === journalId, 'the journal has another identity');
    this.journalId = journalId;
    const doubtful = [...this.records]
      .filter(([, { isCertain }]) => !isCertain)
      .map(([sequence]) => sequence);
    const found = doubtful.length === 0 ? new Map() : recordsIn(files);
    for (const [sequence, { isCertain }] of this.records) {
      if (sequence <= lastSequence && isCertain) continue;
      expect(!isCertain, `record ${sequence} is gone: the journal ends at ${lastSequence}`);
      this.records.delete(sequence);
      const bytes = sequence <= lastSequence ? found.get(sequence) : undefined;
      if (bytes !== undefined) this.records.set(sequence, { usage: usageIn(bytes), isCertain: true });
    }
  }
}

export interface WitnessOptions {
  readonly journal: FileJournal;
  readonly history: JournalHistory;
  readonly isAlive: () => boolean;
  readonly files: () => Iterable<Buffer>;
  /** The files as they would be after a loss of power now. */
  readonly durableFiles: () => Iterable<Buffer>;
  readonly onViolation: (violation: unknown) => void;
  /** Called with usage that was refused. */
  readonly onRefused: (usage: readonly Usage[]) => void;
}

export class WitnessedJournal implements WatchedJournal {
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  get id(): string {
    return this.#options.journal.id;
  }

  get lastSequence(): number {
    return this.#options.journal.lastSequence;
  }

  get readableUpTo(): number {
    return this.#options.journal.readableUpTo;
  }

  get confirmed(): number {
    return this.#options.journal.confirmed;
  }

  append(usage: readonly Usage[], gap?: JournalGap): number {
    const { journal, history } = this.#options;
    const next = journal.lastSequence + 1;
    try {
      const sequence = journal.append(usage, gap);
      expect(this.#options.isAlive(), 'an append of a dead process came back');
      history.appended(sequence, { usage, gap, isCertain: true });
      return sequence;
    } catch (error) {
      history.appended(next, { usage, isCertain: false });
      if (this.#options.isAlive()) this.#options.onRefused(usage);
      throw error;
    }
  }

  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    const records = await this.#options.journal.read(afterSequence, maxRecords);
    const certain = records.filter(({ sequence }) => this.#options.history.records.get(sequence)?.isCertain);
    const last = certain.at(-1)?.sequence;
    if (last !== undefined) {
      // A segment may be deleted during the read.
      if (!isIn(this.#options.durableFiles(), last) && isIn(this.#options.files(), last)) {
        this.#options.onViolation(
          new Violation(`record ${last} is readable, and a loss of power would take it`),
        );
      }
    }
    return records;
  }

  onReadable(heard: () => void): void {
    this.#options.journal.onReadable(heard);
  }

  confirm(sequence: number): void {
    this.#options.journal.confirm(sequence);
  }

  rewind(sequence: number): void {
    this.#options.journal.rewind(sequence);
  }

  close(): Promise<void> {
    return this.#options.journal.close();
  }
}

const HEADER_BYTES = 16;

/** The payloads of all whole records in the files, by sequence. Length, CRC-32 and sequence precede each payload. */
function recordsIn(files: Iterable<Buffer>): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (const file of files) for (const [sequence, payload] of recordsOf(file)) found.set(sequence, payload);
  return found;
}

function isIn(files: Iterable<Buffer>, sequence: number): boolean {
  for (const file of files) if (recordsOf(file).has(sequence)) return true;
  return false;
}

/** A disk never changes a buffer in place, and most files are unchanged since the last look. */
const known = new WeakMap<Buffer, ReadonlyMap<number, Buffer>>();

function recordsOf(file: Buffer): ReadonlyMap<number, Buffer> {
  const before = known.get(file);
  if (before !== undefined) return before;
  const found = new Map<number, Buffer>();
  for (let at = 0; at + HEADER_BYTES <= file.length; ) {
    const end = at + HEADER_BYTES + file.readUInt32LE(at);
    const isWhole = end > at + HEADER_BYTES && end <= file.length;
    if (isWhole && crc32(file.subarray(at + 8, end)) === file.readUInt32LE(at + 4)) {
      found.set(file.readDoubleLE(at + 8), file.subarray(at + HEADER_BYTES, end));
      at = end;
    } else at++;
  }
  known.set(file, found);
  return found;
}

type Values = [string, string, number, number, number, number, number, number];

function usageIn(payload: Buffer): Usage[] {
  const rows = (JSON.parse(payload.toString()) as unknown[]).filter(Array.isArray) as unknown as Values[];
  return rows.map(([clientId, identifierId, bucketMs, posts, requests, refused, bytes, uncounted]) => ({
    ...{ clientId, identifierId, bucketMs, posts, requests, refused, bytes, uncounted },
  }));
}
