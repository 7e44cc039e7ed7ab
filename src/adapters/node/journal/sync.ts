/**
 * Syncs a journal to the disk, at every record or in the background. After a failed sync, the unsynced records are
 * rewritten before anything else is written.
 */

import type { JournalError } from '../../../meter/port.ts';
import { isOutOfSpace, journalFailed } from './errors.ts';
import type { Segment } from './folder.ts';
import type { JournalContext } from './options.ts';
import type { RecentRecords } from './recent-cache.ts';
import type { RecordEncoder } from './record.ts';
import { clearRepairRequest, repairFolder, requestRepair } from './repair.ts';
import type { Retention } from './retention.ts';
import { truncateSegment } from './scan.ts';
import type { JournalWriter } from './writer.ts';

/** A failing disk may take seconds to report an error, so it is not retried at every response. */
const REPAIR_INTERVAL_MS = 1_000;

export interface SyncParts {
  readonly writer: JournalWriter;
  readonly retention: Retention;
  /** Contains at least the records that are not synced. */
  readonly recent: RecentRecords;
  readonly encoder: RecordEncoder;
}

export class JournalSync {
  /** Records up to this sequence survive a power failure. */
  synced: number;
  readonly #context: JournalContext;
  readonly #parts: SyncParts;
  #syncing: Promise<void> | undefined;
  /** The error of a failed sync, until it is repaired. */
  #syncError: unknown;
  #repairTriedMs = Number.NEGATIVE_INFINITY;

  constructor(context: JournalContext, parts: SyncParts) {
    this.#context = context;
    this.#parts = parts;
    this.synced = parts.writer.last;
  }

  /** True if nothing is left to sync or to repair. */
  get isDone(): boolean {
    return this.#syncError === undefined && this.synced === this.#parts.writer.last;
  }

  /** Syncs the last write, or undoes it and throws `JournalError`. */
  now(): void {
    const { writer } = this.#parts;
    try {
      writer.file.sync(this.#context.folder);
    } catch (error) {
      this.#noteSyncError(error);
      writer.undo();
      throw this.#failed('synced', error);
    }
  }

  /** Syncs everything written so far, without blocking. A failure is reported and repaired. */
  async later(): Promise<void> {
    if (this.#syncing) return;
    if (this.#syncError !== undefined) return this.#repairQuietly();
    const { last, file } = this.#parts.writer;
    if (this.synced === last) return;
    this.#syncing = file.syncLater(this.#context.folder);
    try {
      await this.#syncing;
      this.synced = Math.max(this.synced, last);
    } catch (error) {
      this.#noteSyncError(error);
      this.#context.onError(this.#failed('synced', error));
      this.#repairQuietly();
    } finally {
      this.#syncing = undefined;
    }
  }

  /** Syncs everything before the journal is closed. */
  async finish(): Promise<void> {
    // `later` reports and repairs its failure.
    await this.#syncing?.catch(() => {});
    this.#repairTriedMs = Number.NEGATIVE_INFINITY;
    await this.later();
  }

  /** Throws `JournalError` while the disk keeps failing. */
  repairIfNeeded(): void {
    if (this.#syncError === undefined) return;
    const { disk, folder } = this.#context;
    const nowMs = this.#context.nowMs();
    if (Math.abs(nowMs - this.#repairTriedMs) < REPAIR_INTERVAL_MS)
      throw this.#failed('synced', this.#syncError);
    this.#repairTriedMs = nowMs;
    try {
      this.#repair();
      this.#syncError = undefined;
      clearRepairRequest(disk, folder);
    } catch (error) {
      if (this.#syncError !== undefined) this.#repairFailed(error);
      throw this.#failed('rewritten', error);
    }
  }

  #noteSyncError(error: unknown): void {
    this.#syncError = error;
    this.#repairTriedMs = Number.NEGATIVE_INFINITY;
  }

  #repairQuietly(): void {
    try {
      this.repairIfNeeded();
    } catch (error) {
      this.#context.onError(error as JournalError);
    }
  }

  #repairFailed(error: unknown): void {
    this.#syncError = error;
    if (isOutOfSpace(error)) this.#parts.retention.dropOldest();
    try {
      requestRepair(this.#context.disk, this.#context.folder, this.synced);
    } catch (cause) {
      this.#context.onError(this.#failed('marked', cause));
    }
  }

  #repair(): void {
    const { writer, recent, encoder } = this.#parts;
    const { disk, folder, nowMs } = this.#context;
    const first = this.synced + 1;
    const unsynced = recent.after(this.synced, writer.last, Number.POSITIVE_INFINITY) ?? [];
    if (unsynced.length !== writer.last - this.synced)
      throw new Error('unsynced records are missing in memory');
    const { fd, path, bytes } = repairFolder(disk, folder, first, unsynced, encoder);
    const truncated = writer.segments.truncateAfter(this.synced, bytes);
    writer.segments.add({ firstSequence: first, path, bytes, sinceMs: nowMs() });
    writer.file.replace(fd);
    this.synced = writer.last;
    if (truncated !== null) this.#clearTail(truncated);
  }

  /** Truncates the file of a segment to its end. The rest is never read and only takes room. */
  #clearTail(segment: Segment): void {
    try {
      truncateSegment(this.#context.disk, segment, segment.bytes);
    } catch (error) {
      this.#context.onError(this.#failed('cleared', error));
    }
  }

  #failed(what: string, cause: unknown): JournalError {
    return journalFailed(this.#context.folder, what, cause);
  }
}
