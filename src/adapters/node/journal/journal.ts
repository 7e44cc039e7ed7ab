/**
 * The journal as files: one folder, one identity, one writer. A record is one synchronous write to the end of the
 * newest segment, so that it outlives the process from the moment `append` returns; the disk is synced beside it.
 * What the ledger has confirmed is kept for a while, so that a ledger that was set back can have it again.
 */

import {
  JournalError,
  type JournalGap,
  type JournalRecord,
  type MeteringConfiguration,
  type WatchedJournal,
} from '../../../meter/port.ts';
import type { Usage } from '../../../meter/usage.ts';
import { nodeDisk } from './disk.ts';
import { isOutOfSpace, journalFailed, journalFull } from './failure.ts';
import { lockJournal } from './lock.ts';
import { type JournalParts, openParts } from './opening.ts';
import { type FileJournalOptions, type JournalGround, timerEveryMs } from './options.ts';
import { lastUsageMs } from './scan.ts';

/**
 * Opens the journal in a folder. Throws `JournalError`: `journal_locked` where another opener lives,
 * `journal_damaged`, `journal_write_failed`.
 */
export function openFileJournal(options: FileJournalOptions): FileJournal {
  return new FileJournal(options);
}

/** Measured on two shared cores, one usage a record: 3 to 5 µs of CPU an append, 2.5 to encode and 1 to write. */
export class FileJournal implements WatchedJournal {
  readonly id: string;
  readonly #ground: JournalGround;
  readonly #parts: JournalParts;
  readonly #syncEvery: boolean;
  readonly #unlock: () => void;
  readonly #startSyncing: () => () => void;
  /** Absent while everything is synced. */
  #stopSyncing: (() => void) | undefined;
  #heard: () => void = () => {};
  /** What can be read was reported up to here. */
  #toldUpTo: number;
  #closed = false;

  constructor(options: FileJournalOptions) {
    const { folder, disk = nodeDisk, nowMs = Date.now, syncIntervalMs = 50 } = options;
    this.#ground = { folder, disk, nowMs, onError: options.onError ?? (() => {}) };
    this.#syncEvery = syncIntervalMs === 'every';
    this.#unlock = (options.lock ?? lockJournal)(folder);
    try {
      this.#parts = openParts(this.#ground, options);
      const { id, end, retention } = this.#parts;
      this.id = id;
      // A copy of itself, older than what the ledger had confirmed: those numbers are not given again.
      if (retention.confirmed > end.last) this.#continueAfter(retention.confirmed);
      this.#keepDamage();
      disk.syncFolder(folder);
    } catch (error) {
      this.#unlock();
      throw error instanceof JournalError ? error : this.#failed('opened', error);
    }
    const everyMs = options.everyMs ?? timerEveryMs;
    this.#startSyncing =
      syncIntervalMs === 'every' ? () => () => {} : () => everyMs(syncIntervalMs, () => void this.#sync());
    this.#toldUpTo = this.#parts.sync.synced;
  }

  get lastSequence(): number {
    return this.#parts.end.last;
  }

  get readableUpTo(): number {
    return this.#parts.sync.synced;
  }

  get confirmed(): number {
    return this.#parts.retention.confirmed;
  }

  /** Bytes of all segments on the disk. */
  get bytes(): number {
    return this.#parts.segments.bytes;
  }

  /** Bytes of the segments in which the ledger has not confirmed everything. */
  get unconfirmedBytes(): number {
    return this.#parts.segments.bytesAfter(this.#parts.retention.confirmed);
  }

  /** The first sequence that can still be read. */
  get oldestSequence(): number {
    return this.#parts.segments.oldest.firstSequence;
  }

  /** Everything that was written from then on can still be read. Epoch milliseconds. */
  get retainedSinceMs(): number {
    return this.#parts.segments.reachesBackToMs;
  }

  /** Records that the disk has lost or changed, of those that can still be read; in this life or one before. */
  get damagedRecords(): number {
    return this.#parts.damage.records;
  }

  /** The bucket of the last usage in it, read from its files: epoch milliseconds, or null where nothing is there. */
  lastUsageMs(): number | null {
    return lastUsageMs(this.#ground.disk, this.#parts.segments.all);
  }

  /** The newest file is gone from its folder: what is appended now does not outlive this process. */
  get isRemoved(): boolean {
    return this.#ground.disk.stat(this.#parts.segments.active.path) === null;
  }

  /** Nothing in it is wanted any more: the ledger has had everything for as long as it is to be kept. */
  get isSpent(): boolean {
    return this.#parts.retention.isSpent;
  }

  append(usage: readonly Usage[], gap?: JournalGap, configuration?: MeteringConfiguration): number {
    const { encoder, end, maxBytes, recent, retention, sync } = this.#parts;
    sync.repairIfUnsound();
    if (!recent.hasRoom(sync.synced)) throw this.#failed('synced', new Error('the disk does not answer'));
    const sequence = end.last + 1;
    const record: JournalRecord =
      gap === undefined && configuration === undefined
        ? { sequence, usage }
        : { sequence, usage, ...(gap && { gap }), ...(configuration && { configuration }) };
    const length = encoder.encode(record);
    if (!retention.makeRoom(length)) throw journalFull(this.#ground.folder, maxBytes, retention.confirmed);
    this.#write(length);
    if (this.#syncEvery) sync.now();
    end.took(length);
    if (this.#syncEvery) sync.synced = sequence;
    recent.push(record, sync.synced);
    this.#tellReadable();
    if (!sync.isDone) this.#stopSyncing ??= this.#startSyncing();
    return sequence;
  }

  onReadable(heard: () => void): void {
    this.#heard = heard;
  }

  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    const { damage, reader, recent, segments } = this.#parts;
    const { synced } = this.#parts.sync;
    const { everConfirmed } = this.#parts.retention;
    if (afterSequence >= synced) return [];
    const newest = recent.after(afterSequence, synced, maxRecords);
    if (newest !== null) return newest;
    let { segment, next } = segments.holding(afterSequence + 1);
    for (;;) {
      const end = next === undefined ? synced : next.firstSequence - 1;
      const upTo = Math.min(synced, end);
      // Before the ledger had it, nothing was missing here but what the disk has lost.
      const lostBehindEnd = (sequence: number) => (end <= everConfirmed ? damage.lastFrom(sequence) : upTo);
      const records = await reader.read(segment, { afterSequence, upTo, maxRecords, lostBehindEnd });
      this.#keepDamage();
      if (records.length > 0 || next === undefined || next.firstSequence > synced) return records;
      ({ segment, next } = segments.holding(next.firstSequence));
    }
  }

  confirm(sequence: number): void {
    const { end, recent, retention, sync } = this.#parts;
    if (sequence > end.last) this.#continueAfter(sequence);
    recent.forgetUpTo(Math.min(Math.max(sequence, retention.confirmed), sync.synced));
    try {
      retention.confirm(sequence);
    } catch (error) {
      this.#ground.onError(this.#failed('cleared', error));
    }
    this.#keepDamage();
  }

  setBack(sequence: number): void {
    this.#parts.retention.setBack(sequence);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSyncing?.();
    await this.#parts.sync.finish();
    try {
      this.#parts.end.tail.close();
      this.#parts.retention.close();
    } finally {
      this.#unlock();
    }
  }

  /** Lets go of a journal whose folder is no longer there: nothing more is written. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSyncing?.();
    try {
      this.#parts.end.tail.close();
    } finally {
      this.#unlock();
    }
  }

  /** Ends when there is nothing left to sync, so that an idle process sleeps. */
  async #sync(): Promise<void> {
    const { sync } = this.#parts;
    await sync.later();
    this.#tellReadable();
    if (!sync.isDone) return;
    this.#stopSyncing?.();
    this.#stopSyncing = undefined;
  }

  #tellReadable(): void {
    const { sync } = this.#parts;
    if (sync.synced <= this.#toldUpTo) return;
    this.#toldUpTo = sync.synced;
    this.#heard();
  }

  #write(length: number): void {
    for (;;) {
      try {
        this.#parts.end.write(this.#parts.encoder.buffer, length);
        return;
      } catch (error) {
        if (!isOutOfSpace(error) || !this.#parts.retention.giveWay()) throw this.#failed('written', error);
      }
    }
  }

  /** Nothing up to `sequence` is to be given again, and nothing of it that is not here was ever written here. */
  #continueAfter(sequence: number): void {
    const { end, recent, retention, sync } = this.#parts;
    try {
      end.rotate(sequence + 1);
    } catch (error) {
      throw this.#failed('written', error);
    }
    end.last = sequence;
    sync.synced = sequence;
    recent.forgetUpTo(sequence);
    try {
      retention.goBeyond(sequence);
    } catch (error) {
      this.#ground.onError(this.#failed('cleared', error));
    }
  }

  #keepDamage(): void {
    try {
      this.#parts.damage.keep(this.oldestSequence, this.#parts.end.last);
    } catch (error) {
      this.#ground.onError(this.#failed('marked', error));
    }
  }

  #failed(what: string, cause: unknown): JournalError {
    return journalFailed(this.#ground.folder, what, cause);
  }
}
