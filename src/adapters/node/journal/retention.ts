/**
 * Decides how long confirmed records are kept, and which are deleted if room is needed. Records that the ledger lacks
 * are never deleted.
 */

import { journalFailed } from './errors.ts';
import { writeConfirmed } from './folder.ts';
import type { JournalContext } from './options.ts';
import type { JournalWriter } from './writer.ts';

export interface Bounds {
  readonly maxBytes: number;
  readonly retainMs: number;
}

export class Retention {
  readonly #context: JournalContext;
  readonly #writer: JournalWriter;
  readonly #bounds: Bounds;
  /** The last confirmed sequence. It falls if the ledger is restored to an older state. */
  confirmed: number;
  /** The largest sequence that was ever confirmed. */
  everConfirmed: number;
  readonly #confirmedAtStart: number;

  constructor(context: JournalContext, writer: JournalWriter, bounds: Bounds, confirmed: number) {
    this.#context = context;
    this.#writer = writer;
    this.#bounds = bounds;
    this.confirmed = confirmed;
    this.everConfirmed = confirmed;
    this.#confirmedAtStart = confirmed;
  }

  /** Throws disk errors; the next call retries. */
  confirm(sequence: number): void {
    const { segments } = this.#writer;
    this.confirmed = Math.max(this.confirmed, sequence);
    this.#saveConfirmed();
    segments.dropAged(this.confirmed, this.#context.nowMs(), this.#bounds.retainMs);
  }

  rewind(sequence: number): void {
    this.confirmed = Math.min(this.confirmed, sequence);
  }

  /** Confirms a sequence that is larger than any that was written here. Throws disk errors. */
  skipTo(sequence: number): void {
    this.confirmed = sequence;
    this.everConfirmed = sequence;
    writeConfirmed(this.#context.disk, this.#context.folder, sequence);
  }

  /** True if the ledger has confirmed everything and the retention time has passed. */
  get isDrained(): boolean {
    const { last, segments } = this.#writer;
    const ageMs = this.#context.nowMs() - segments.active.sinceMs;
    return this.confirmed >= last && ageMs >= this.#bounds.retainMs;
  }

  /** Deletes confirmed segments, oldest first. Returns false if unconfirmed records alone fill the journal. */
  makeRoom(length: number): boolean {
    while (this.#writer.segments.bytes + length > this.#bounds.maxBytes) {
      if (!this.dropOldest()) return false;
    }
    return true;
  }

  /** Deletes the oldest segment if it is confirmed; else returns false. Throws `JournalError`. */
  dropOldest(): boolean {
    const { last, segments } = this.#writer;
    try {
      const { active } = segments;
      const activeIsConfirmed = active.bytes > 0 && this.confirmed >= last;
      if (segments.oldest === active && activeIsConfirmed) this.#writer.rotate(last + 1);
      return segments.dropOldest(this.confirmed);
    } catch (error) {
      throw journalFailed(this.#context.folder, 'cleared', error);
    }
  }

  /** Saves the confirmed sequence at shutdown. */
  close(): void {
    const { disk, folder, nowMs } = this.#context;
    const { last, segments } = this.#writer;
    // The age of the newest segment counts from the confirmation of its last record.
    if (this.confirmed > this.#confirmedAtStart && this.confirmed >= last) {
      disk.touch(segments.active.path, nowMs());
    }
    if (this.everConfirmed > 0) writeConfirmed(disk, folder, this.everConfirmed);
  }

  /** Saves once per segment, so that a start need not read confirmed segments and knows their age. */
  #saveConfirmed(): void {
    const { disk, folder, nowMs } = this.#context;
    const before = this.everConfirmed;
    if (this.confirmed <= before) return;
    this.everConfirmed = this.confirmed;
    if (this.#writer.segments.confirmed(before, this.confirmed, nowMs())) {
      writeConfirmed(disk, folder, this.confirmed);
    }
  }
}
