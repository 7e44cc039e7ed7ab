/**
 * The journal as files: one folder, one identity, one writer. A record is one synchronous write to the end of the
 * newest segment, so it survives the process once `append` has returned. The disk is synced in the background. Records
 * that the ledger has confirmed are kept for a while, because a ledger may be restored to an older state.
 */

import type { MeteringEpoch } from '../../../meter/chain/epochs.ts';
import type { JournalGap } from '../../../meter/gaps.ts';
import {
  JournalError,
  type JournalRecord,
  type MeteringConfiguration,
  type WatchedJournal,
} from '../../../meter/port.ts';
import type { Usage } from '../../../meter/usage.ts';
import { nodeDisk } from './disk.ts';
import { isOutOfSpace, journalFailed, journalFull } from './errors.ts';
import { lockJournal } from './lock.ts';
import { type JournalParts, openParts } from './open.ts';
import { type FileJournalOptions, type JournalContext, timerEveryMs } from './options.ts';
import { lastUsageMs } from './scan.ts';

/**
 * Opens the journal in a folder. Throws `JournalError`: `journal_locked` if the folder is in use, `journal_damaged`,
 * `journal_write_failed`.
 */
export function openFileJournal(options: FileJournalOptions): FileJournal {
  return new FileJournal(options);
}

/** Measured on two shared cores, one usage per record: 3 to 5 µs of CPU per append, 2.5 to encode and 1 to write. */
export class FileJournal implements WatchedJournal {
  readonly id: string;
  readonly #context: JournalContext;
  readonly #parts: JournalParts;
  readonly #syncEvery: boolean;
  readonly #unlock: () => void;
  readonly #startSyncing: () => () => void;
  /** Undefined while everything is synced. */
  #stopSyncing: (() => void) | undefined;
  #onReadable: () => void = () => {};
  /** The last `readableUpTo` that was reported. */
  #reportedUpTo: number;
  #closed = false;

  constructor(options: FileJournalOptions) {
    const { folder, disk = nodeDisk, nowMs = Date.now, syncIntervalMs = 50 } = options;
    this.#context = { folder, disk, nowMs, onError: options.onError ?? (() => {}) };
    this.#syncEvery = syncIntervalMs === 'every';
    this.#unlock = (options.lock ?? lockJournal)(folder);
    try {
      this.#parts = openParts(this.#context, options);
      const { id, writer, retention } = this.#parts;
      this.id = id;
      // The folder is a copy older than what the ledger has confirmed: those sequences must not be used again.
      if (retention.confirmed > writer.last) this.#skipTo(retention.confirmed);
      this.#saveDamage();
      disk.syncFolder(folder);
    } catch (error) {
      this.#unlock();
      throw error instanceof JournalError ? error : this.#failed('opened', error);
    }
    const everyMs = options.everyMs ?? timerEveryMs;
    this.#startSyncing =
      syncIntervalMs === 'every' ? () => () => {} : () => everyMs(syncIntervalMs, () => void this.#sync());
    this.#reportedUpTo = this.#parts.sync.synced;
  }

  get lastSequence(): number {
    return this.#parts.writer.last;
  }

  get readableUpTo(): number {
    return this.#parts.sync.synced;
  }

  get confirmed(): number {
    return this.#parts.retention.confirmed;
  }

  /** Bytes of all segments. */
  get bytes(): number {
    return this.#parts.segments.bytes;
  }

  /** Bytes of the segments that are not completely confirmed. */
  get unconfirmedBytes(): number {
    return this.#parts.segments.bytesAfter(this.#parts.retention.confirmed);
  }

  /** The first sequence that can still be read. */
  get oldestSequence(): number {
    return this.#parts.segments.oldest.firstSequence;
  }

  /** All records written since this time can still be read. Epoch milliseconds. */
  get retainedSinceMs(): number {
    return this.#parts.segments.reachesBackToMs;
  }

  /** Number of retained records that the disk has lost or changed, in this process or an earlier one. */
  get damagedRecords(): number {
    return this.#parts.damage.records;
  }

  /** Bucket of the last usage, read from the files: epoch milliseconds; null if there is none. */
  lastUsageMs(): number | null {
    return lastUsageMs(this.#context.disk, this.#parts.segments.all);
  }

  /** True if the newest file was deleted: records appended now do not survive this process. */
  get isRemoved(): boolean {
    return this.#context.disk.stat(this.#parts.segments.active.path) === null;
  }

  /** True if the ledger has confirmed everything and the retention time has passed. */
  get isDrained(): boolean {
    return this.#parts.retention.isDrained;
  }

  append(
    usage: readonly Usage[],
    gap?: JournalGap,
    configuration?: MeteringConfiguration,
    epoch?: MeteringEpoch,
  ): number {
    const { encoder, writer, maxBytes, recent, retention, sync } = this.#parts;
    sync.repairIfNeeded();
    if (!recent.hasRoom(sync.synced)) throw this.#failed('synced', new Error('the disk does not respond'));
    const sequence = writer.last + 1;
    const record: JournalRecord =
      gap === undefined && configuration === undefined && epoch === undefined
        ? { sequence, usage }
        : {
            sequence,
            usage,
            ...(gap && { gap }),
            ...(configuration && { configuration }),
            ...(epoch && { epoch }),
          };
    const length = encoder.encode(record);
    if (!retention.makeRoom(length)) throw journalFull(this.#context.folder, maxBytes, retention.confirmed);
    this.#write(length);
    if (this.#syncEvery) sync.now();
    writer.commit(length);
    if (this.#syncEvery) sync.synced = sequence;
    recent.push(record, sync.synced);
    this.#reportReadable();
    if (!sync.isDone) this.#stopSyncing ??= this.#startSyncing();
    return sequence;
  }

  onReadable(callback: () => void): void {
    this.#onReadable = callback;
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
      // In segments that the ledger has not confirmed, every missing record was lost by the disk.
      const lastLostFrom = (sequence: number) => (end <= everConfirmed ? damage.lastFrom(sequence) : upTo);
      const records = await reader.read(segment, { afterSequence, upTo, maxRecords, lastLostFrom });
      this.#saveDamage();
      if (records.length > 0 || next === undefined || next.firstSequence > synced) return records;
      ({ segment, next } = segments.holding(next.firstSequence));
    }
  }

  confirm(sequence: number): void {
    const { writer, recent, retention, sync } = this.#parts;
    if (sequence > writer.last) this.#skipTo(sequence);
    recent.evictUpTo(Math.min(Math.max(sequence, retention.confirmed), sync.synced));
    try {
      retention.confirm(sequence);
    } catch (error) {
      this.#context.onError(this.#failed('cleared', error));
    }
    this.#saveDamage();
  }

  rewind(sequence: number): void {
    this.#parts.retention.rewind(sequence);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSyncing?.();
    await this.#parts.sync.finish();
    try {
      this.#parts.writer.file.close();
      this.#parts.retention.close();
    } finally {
      this.#unlock();
    }
  }

  /** Closes a journal whose folder was deleted. Nothing more is written. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSyncing?.();
    try {
      this.#parts.writer.file.close();
    } finally {
      this.#unlock();
    }
  }

  /** Stops the timer when nothing is left to sync, so that an idle process sleeps. */
  async #sync(): Promise<void> {
    const { sync } = this.#parts;
    await sync.later();
    this.#reportReadable();
    if (!sync.isDone) return;
    this.#stopSyncing?.();
    this.#stopSyncing = undefined;
  }

  #reportReadable(): void {
    const { sync } = this.#parts;
    if (sync.synced <= this.#reportedUpTo) return;
    this.#reportedUpTo = sync.synced;
    this.#onReadable();
  }

  #write(length: number): void {
    for (;;) {
      try {
        this.#parts.writer.write(this.#parts.encoder.buffer, length);
        return;
      } catch (error) {
        if (!isOutOfSpace(error) || !this.#parts.retention.dropOldest()) throw this.#failed('written', error);
      }
    }
  }

  /** Continues after `sequence`. Sequences up to it are not used again; those that are missing were never written here. */
  #skipTo(sequence: number): void {
    const { writer, recent, retention, sync } = this.#parts;
    try {
      writer.rotate(sequence + 1);
    } catch (error) {
      throw this.#failed('written', error);
    }
    writer.last = sequence;
    sync.synced = sequence;
    recent.evictUpTo(sequence);
    try {
      retention.skipTo(sequence);
    } catch (error) {
      this.#context.onError(this.#failed('cleared', error));
    }
  }

  #saveDamage(): void {
    try {
      this.#parts.damage.save(this.oldestSequence, this.#parts.writer.last);
    } catch (error) {
      this.#context.onError(this.#failed('marked', error));
    }
  }

  #failed(what: string, cause: unknown): JournalError {
    return journalFailed(this.#context.folder, what, cause);
  }
}
