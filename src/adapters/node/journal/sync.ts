/**
 * Brings a journal to the disk: at every record, or in the background. Where the disk fails at that, what is not synced
 * is written anew before anything else is.
 */

import type { JournalError } from '../../../meter/port.ts';
import type { JournalEnd } from './end.ts';
import { isOutOfSpace, journalFailed } from './failure.ts';
import type { Segment } from './folder.ts';
import type { JournalGround } from './options.ts';
import type { RecentRecords } from './recent-cache.ts';
import type { RecordEncoder } from './record.ts';
import { repairFolder, requestRepair, withdrawRepairRequest } from './repair.ts';
import type { Retention } from './retention.ts';
import { cutSegment } from './scan.ts';

/** A disk that fails may take seconds to say so; it is not asked at every response. */
const REPAIR_INTERVAL_MS = 1_000;

export interface SyncParts {
  readonly end: JournalEnd;
  readonly retention: Retention;
  /** Holds at least what is not synced. */
  readonly recent: RecentRecords;
  readonly encoder: RecordEncoder;
}

export class JournalSync {
  /** Everything up to here survives a loss of power. */
  synced: number;
  readonly #ground: JournalGround;
  readonly #parts: SyncParts;
  #syncing: Promise<void> | undefined;
  /** A sync failed. */
  #unsound: unknown;
  #repairTriedMs = Number.NEGATIVE_INFINITY;

  constructor(ground: JournalGround, parts: SyncParts) {
    this.#ground = ground;
    this.#parts = parts;
    this.synced = parts.end.last;
  }

  /** Nothing is left to bring to the disk, and nothing to repair. */
  get isDone(): boolean {
    return this.#unsound === undefined && this.synced === this.#parts.end.last;
  }

  /** Brings what was written last to the disk, or takes it back and throws `JournalError`. */
  now(): void {
    const { end } = this.#parts;
    try {
      end.tail.sync(this.#ground.folder);
    } catch (error) {
      this.#isUnsound(error);
      end.undo();
      throw this.#failed('synced', error);
    }
  }

  /** The same for everything that was written until now, beside other work; a failure is reported and repaired. */
  async later(): Promise<void> {
    if (this.#syncing) return;
    if (this.#unsound !== undefined) return this.#repairQuietly();
    const { last, tail } = this.#parts.end;
    if (this.synced === last) return;
    this.#syncing = tail.syncLater(this.#ground.folder);
    try {
      await this.#syncing;
      this.synced = Math.max(this.synced, last);
    } catch (error) {
      this.#isUnsound(error);
      this.#ground.onError(this.#failed('synced', error));
      this.#repairQuietly();
    } finally {
      this.#syncing = undefined;
    }
  }

  /** Before the journal is closed. */
  async finish(): Promise<void> {
    // The failure is reported and repaired where the sync began.
    await this.#syncing?.catch(() => {});
    this.#repairTriedMs = Number.NEGATIVE_INFINITY;
    await this.later();
  }

  /** Throws `JournalError` while the disk goes on failing. */
  repairIfUnsound(): void {
    if (this.#unsound === undefined) return;
    const { disk, folder } = this.#ground;
    const nowMs = this.#ground.nowMs();
    if (Math.abs(nowMs - this.#repairTriedMs) < REPAIR_INTERVAL_MS)
      throw this.#failed('synced', this.#unsound);
    this.#repairTriedMs = nowMs;
    try {
      this.#repair();
      this.#unsound = undefined;
      withdrawRepairRequest(disk, folder);
    } catch (error) {
      if (this.#unsound !== undefined) this.#repairFailed(error);
      throw this.#failed('written anew', error);
    }
  }

  #isUnsound(error: unknown): void {
    this.#unsound = error;
    this.#repairTriedMs = Number.NEGATIVE_INFINITY;
  }

  #repairQuietly(): void {
    try {
      this.repairIfUnsound();
    } catch (error) {
      this.#ground.onError(error as JournalError);
    }
  }

  #repairFailed(error: unknown): void {
    this.#unsound = error;
    if (isOutOfSpace(error)) this.#parts.retention.giveWay();
    try {
      requestRepair(this.#ground.disk, this.#ground.folder, this.synced);
    } catch (cause) {
      this.#ground.onError(this.#failed('marked', cause));
    }
  }

  #repair(): void {
    const { end, recent, encoder } = this.#parts;
    const { disk, folder, nowMs } = this.#ground;
    const first = this.synced + 1;
    const unsynced = recent.after(this.synced, end.last, Number.POSITIVE_INFINITY) ?? [];
    if (unsynced.length !== end.last - this.synced) throw new Error('records that are not synced are gone');
    const { fd, path, bytes } = repairFolder(disk, folder, first, unsynced, encoder);
    const cutShort = end.segments.cutAfter(this.synced, bytes);
    end.segments.add({ firstSequence: first, path, bytes, sinceMs: nowMs() });
    end.tail.replace(fd);
    this.synced = end.last;
    if (cutShort !== null) this.#clearTail(cutShort);
  }

  /** What stands behind the end of a segment is read by nobody; it only takes room. */
  #clearTail(segment: Segment): void {
    try {
      cutSegment(this.#ground.disk, segment, segment.bytes);
    } catch (error) {
      this.#ground.onError(this.#failed('cleared', error));
    }
  }

  #failed(what: string, cause: unknown): JournalError {
    return journalFailed(this.#ground.folder, what, cause);
  }
}
