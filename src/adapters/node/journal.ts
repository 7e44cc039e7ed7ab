/**
 * The journal as files: one folder, one identity, one writer. A record is one synchronous write to the end of the
 * newest segment, so that it outlives the process from the moment `append` returns; the disk is synced beside it.
 * What the ledger has confirmed is kept for a while, so that a ledger that was set back can have it again.
 */

import { randomUUID } from 'node:crypto';
import { type Journal, JournalError, type JournalGap, type JournalRecord } from '../../meter/port.ts';
import type { Usage } from '../../meter/usage.ts';
import { type JournalDisk, nodeDisk } from './journal-disk.ts';
import {
  readConfirmed,
  readOrMakeIdentity,
  type Segment,
  segmentPath,
  writeConfirmed,
} from './journal-folder.ts';
import { lockJournal } from './journal-lock.ts';
import { finishMend, mendFolder, mendIsDone, mendWanted, wantMend } from './journal-mend.ts';
import { type FileJournalOptions, timerEveryMs } from './journal-options.ts';
import { SegmentReader } from './journal-reader.ts';
import { RecentRecords } from './journal-recent.ts';
import { RecordEncoder } from './journal-record.ts';
import { cutSegment, type Damage, scanFolder, writtenSinceMs } from './journal-scan.ts';
import { Segments } from './journal-segments.ts';
import { JournalTail } from './journal-tail.ts';

const dayMs = 86_400_000;
/** A disk that fails may take seconds to say so; it is not asked at every response. */
const mendEveryMs = 1_000;

/**
 * Opens the journal in a folder. Throws `JournalError`: `journal_locked` where another opener lives,
 * `journal_damaged`, `journal_write_failed`.
 */
export function openFileJournal(options: FileJournalOptions): FileJournal {
  return new FileJournal(options);
}

/** Measured on two shared cores, one usage a record: 3 to 5 µs of CPU an append, 2.5 to encode and 1 to write. */
export class FileJournal implements Journal {
  readonly id: string;
  readonly #options: FileJournalOptions;
  readonly #disk: JournalDisk;
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #retainMs: number;
  readonly #syncEvery: boolean;
  readonly #nowMs: () => number;
  readonly #unlock: () => void;
  readonly #stopSyncing: () => void;
  readonly #encoder = new RecordEncoder();
  readonly #reader: SegmentReader;
  readonly #recent: RecentRecords;
  readonly #segments: Segments;
  readonly #tail: JournalTail;
  #last: number;
  #synced: number;
  /** What the ledger has, as far as it has not been set back. */
  #confirmed: number;
  /** The most that it ever had. */
  #everConfirmed: number;
  readonly #confirmedAtStart: number;
  #syncing: Promise<void> | undefined;
  /** A sync failed: what is not synced is written anew before anything else is. */
  #unsound: unknown;
  #mendTriedMs = Number.NEGATIVE_INFINITY;
  /** Damage that was told, by its place: a record is read more than once. */
  readonly #damaged = new Map<string, number>();
  #closed = false;

  constructor(options: FileJournalOptions) {
    const { folder, syncIntervalMs = 50 } = options;
    this.#options = options;
    this.#disk = options.disk ?? nodeDisk;
    this.#folder = folder;
    this.#maxBytes = options.maxBytes ?? 1024 ** 3;
    this.#segmentBytes = options.segmentBytes ?? 8 * 1024 ** 2;
    this.#retainMs = options.retainMs ?? dayMs;
    this.#syncEvery = syncIntervalMs === 'every';
    this.#nowMs = options.nowMs ?? Date.now;
    this.#recent = new RecentRecords(options.recordsInMemory ?? 65_536);
    this.#reader = new SegmentReader(this.#disk, (damage) => this.#tellDamage(damage));
    this.#unlock = (options.lock ?? lockJournal)(folder);
    try {
      this.id = readOrMakeIdentity(this.#disk, folder, options.newId ?? randomUUID);
      this.#confirmed = readConfirmed(this.#disk, folder);
      this.#everConfirmed = this.#confirmed;
      this.#confirmedAtStart = this.#confirmed;
      const opened = this.#openSegments();
      this.#segments = opened.segments;
      this.#last = opened.lastSequence;
      this.#synced = opened.lastSequence;
      this.#tail = new JournalTail(this.#disk, this.#segments.active.path);
      this.#tail.sync(folder);
      // A copy of itself, older than what the ledger had confirmed: those numbers are not given again.
      if (this.#confirmed > this.#last) this.#continueAfter(this.#confirmed);
      this.#disk.syncFolder(folder);
    } catch (error) {
      this.#unlock();
      throw error instanceof JournalError ? error : this.#failed('opened', error);
    }
    const everyMs = options.everyMs ?? timerEveryMs;
    this.#stopSyncing =
      syncIntervalMs === 'every' ? () => {} : everyMs(syncIntervalMs, () => void this.#sync());
  }

  #openSegments(): { readonly segments: Segments; readonly lastSequence: number } {
    const disk = this.#disk;
    finishMend(disk, this.#folder);
    const scanned = scanFolder(disk, this.#folder, this.#confirmed, {
      onTornTail: this.#options.onTornTail ?? (() => {}),
      onDamage: (damage) => this.#tellDamage(damage),
    });
    mendWanted(disk, this.#folder, scanned.unconfirmed);
    // What the last process wrote and did not sync is synced here, before anybody is told of it.
    for (const { path } of scanned.unconfirmed) {
      const fd = disk.openToAppend(path);
      try {
        disk.sync(fd);
      } finally {
        disk.close(fd);
      }
    }
    const list = scanned.segments;
    if (list.length === 0) list.push(this.#newSegment(scanned.lastSequence + 1));
    return {
      segments: new Segments(disk, this.#folder, list, writtenSinceMs(disk, list[0]!)),
      lastSequence: scanned.lastSequence,
    };
  }

  get lastSequence(): number {
    return this.#last;
  }

  /** Bytes of all segments on the disk. */
  get bytes(): number {
    return this.#segments.bytes;
  }

  /** Bytes of the segments in which the ledger has not confirmed everything. */
  get unconfirmedBytes(): number {
    return this.#segments.bytesAfter(this.#confirmed);
  }

  /** The first sequence that can still be read. */
  get oldestSequence(): number {
    return this.#segments.oldest.firstSequence;
  }

  /** Everything that was written from then on can still be read. Epoch milliseconds. */
  get retainedSinceMs(): number {
    return this.#segments.reachesBackToMs;
  }

  /** Records that were found damaged since the opening. */
  get damagedRecords(): number {
    let sum = 0;
    for (const records of this.#damaged.values()) sum += records;
    return sum;
  }

  /** Nothing in it is wanted any more: the ledger has had everything for as long as it is to be kept. */
  get isSpent(): boolean {
    return this.#confirmed >= this.#last && this.#nowMs() - this.#segments.active.sinceMs >= this.#retainMs;
  }

  append(usage: readonly Usage[], gap?: JournalGap): number {
    this.#mendIfUnsound();
    if (!this.#recent.hasRoom(this.#synced))
      throw this.#failed('synced', new Error('the disk does not answer'));
    const sequence = this.#last + 1;
    const record = gap === undefined ? { sequence, usage } : { sequence, usage, gap };
    const length = this.#encoder.encode(record);
    if (!this.#makeRoom(length)) throw this.#full();
    this.#write(length);
    this.#segments.grow(length, this.#nowMs());
    this.#last = sequence;
    if (this.#syncEvery) this.#synced = sequence;
    this.#recent.push(record, this.#synced);
    return sequence;
  }

  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    const synced = this.#synced;
    if (afterSequence >= synced) return [];
    const recent = this.#recent.after(afterSequence, synced, maxRecords);
    if (recent !== null) return recent;
    let { segment, next } = this.#segments.holding(afterSequence + 1);
    for (;;) {
      const end = next === undefined ? synced : next.firstSequence - 1;
      const upTo = Math.min(synced, end);
      const range = { afterSequence, upTo, maxRecords, endsEarly: end <= this.#everConfirmed };
      const records = await this.#reader.read(segment, range);
      if (records.length > 0 || next === undefined || next.firstSequence > synced) return records;
      ({ segment, next } = this.#segments.holding(next.firstSequence));
    }
  }

  confirm(sequence: number): void {
    if (sequence > this.#last) this.#continueAfter(sequence);
    try {
      this.#confirmed = Math.max(this.#confirmed, sequence);
      this.#recent.forgetUpTo(Math.min(this.#confirmed, this.#synced));
      this.#keepConfirmed();
      this.#segments.dropAged(this.#confirmed, this.#nowMs(), this.#retainMs);
    } catch (error) {
      this.#options.onError?.(this.#failed('cleared', error));
    }
  }

  /** The ledger was set back to `sequence`: what follows is not confirmed any more, and gives way to nothing. */
  setBack(sequence: number): void {
    this.#confirmed = Math.min(this.#confirmed, sequence);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSyncing();
    // Its failure is told and mended where it was begun.
    await this.#syncing?.catch(() => {});
    this.#mendTriedMs = Number.NEGATIVE_INFINITY;
    await this.#sync();
    try {
      this.#tail.close();
      this.#keepLastConfirmed();
      if (this.#everConfirmed > 0) writeConfirmed(this.#disk, this.#folder, this.#everConfirmed);
    } finally {
      this.#unlock();
    }
  }

  /** Lets go of a journal whose folder is no longer there: nothing more is written. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSyncing();
    try {
      this.#tail.close();
    } finally {
      this.#unlock();
    }
  }

  /** Written down once for each segment: a start need not read what is confirmed, and its age survives. */
  #keepConfirmed(): void {
    const before = this.#everConfirmed;
    if (this.#confirmed <= before) return;
    this.#everConfirmed = this.#confirmed;
    if (this.#segments.confirmed(before, this.#confirmed, this.#nowMs())) {
      writeConfirmed(this.#disk, this.#folder, this.#confirmed);
    }
  }

  /** The newest segment's age begins when the ledger had all of it. */
  #keepLastConfirmed(): void {
    if (this.#confirmed > this.#confirmedAtStart && this.#confirmed >= this.#last) {
      this.#disk.touch(this.#segments.active.path, this.#nowMs());
    }
  }

  /** Confirmed segments give way, oldest first; false where unconfirmed records alone fill the journal. */
  #makeRoom(length: number): boolean {
    while (this.#segments.bytes + length > this.#maxBytes) {
      if (!this.#giveWay()) return false;
    }
    return true;
  }

  #giveWay(): boolean {
    try {
      const { active } = this.#segments;
      const activeIsConfirmed = active.bytes > 0 && this.#confirmed >= this.#last;
      if (this.#segments.oldest === active && activeIsConfirmed) this.#rotate(this.#last + 1);
      return this.#segments.dropOldest(this.#confirmed);
    } catch (error) {
      throw this.#failed('cleared', error);
    }
  }

  #write(length: number): void {
    for (;;) {
      try {
        const { active } = this.#segments;
        if (active.bytes > 0 && active.bytes + length > this.#segmentBytes) this.#rotate(this.#last + 1);
        this.#tail.write(this.#encoder.buffer, length, this.#segments.active.bytes);
        break;
      } catch (error) {
        if (!isOutOfSpace(error) || !this.#giveWay()) throw this.#failed('written', error);
      }
    }
    if (this.#syncEvery) this.#syncNow();
  }

  #syncNow(): void {
    try {
      this.#tail.sync(this.#folder);
    } catch (error) {
      this.#unsound = error;
      this.#mendTriedMs = Number.NEGATIVE_INFINITY;
      try {
        this.#tail.undo(this.#segments.active.bytes);
      } catch {
        // The record stands behind the end that the mend will give this segment.
      }
      throw this.#failed('synced', error);
    }
  }

  #rotate(firstSequence: number): void {
    const segment = this.#newSegment(firstSequence);
    const { active } = this.#segments;
    this.#tail.goOn(segment.path, active.bytes);
    // What was confirmed in it may have been so later than it was written.
    active.sinceMs = segment.sinceMs;
    this.#segments.add(segment);
  }

  #newSegment(firstSequence: number) {
    return {
      firstSequence,
      path: segmentPath(this.#folder, firstSequence),
      bytes: 0,
      sinceMs: this.#nowMs(),
    };
  }

  #continueAfter(sequence: number): void {
    try {
      this.#rotate(sequence + 1);
    } catch (error) {
      throw this.#failed('written', error);
    }
    this.#last = sequence;
    this.#synced = sequence;
    this.#recent.forgetUpTo(sequence);
    this.#confirmed = sequence;
    this.#everConfirmed = sequence;
    try {
      writeConfirmed(this.#disk, this.#folder, sequence);
    } catch (error) {
      this.#options.onError?.(this.#failed('cleared', error));
    }
  }

  async #sync(): Promise<void> {
    if (this.#syncing) return;
    if (this.#unsound !== undefined) return this.#mendQuietly();
    if (this.#synced === this.#last) return;
    const last = this.#last;
    this.#syncing = this.#tail.syncLater(this.#folder);
    try {
      await this.#syncing;
      this.#synced = Math.max(this.#synced, last);
    } catch (error) {
      this.#unsound = error;
      this.#mendTriedMs = Number.NEGATIVE_INFINITY;
      this.#options.onError?.(this.#failed('synced', error));
      this.#mendQuietly();
    } finally {
      this.#syncing = undefined;
    }
  }

  #mendQuietly(): void {
    try {
      this.#mendIfUnsound();
    } catch (error) {
      this.#options.onError?.(error as JournalError);
    }
  }

  /** Throws while the disk goes on failing. */
  #mendIfUnsound(): void {
    if (this.#unsound === undefined) return;
    const nowMs = this.#nowMs();
    if (Math.abs(nowMs - this.#mendTriedMs) < mendEveryMs) throw this.#failed('synced', this.#unsound);
    this.#mendTriedMs = nowMs;
    try {
      this.#mend();
      this.#unsound = undefined;
      mendIsDone(this.#disk, this.#folder);
    } catch (error) {
      if (this.#unsound !== undefined) this.#mendFailed(error);
      throw this.#failed('written anew', error);
    }
  }

  #mendFailed(error: unknown): void {
    this.#unsound = error;
    if (isOutOfSpace(error)) this.#giveWay();
    try {
      wantMend(this.#disk, this.#folder, this.#synced);
    } catch (cause) {
      this.#options.onError?.(this.#failed('marked', cause));
    }
  }

  #mend(): void {
    const first = this.#synced + 1;
    const unsynced = this.#recent.after(this.#synced, this.#last, Number.POSITIVE_INFINITY) ?? [];
    if (unsynced.length !== this.#last - this.#synced)
      throw new Error('records that are not synced are gone');
    const { fd, path, bytes } = mendFolder(this.#disk, this.#folder, first, unsynced, this.#encoder);
    const cutShort = this.#segments.cutAfter(this.#synced, bytes);
    this.#segments.add({ firstSequence: first, path, bytes, sinceMs: this.#nowMs() });
    this.#tail.replace(fd);
    this.#synced = this.#last;
    if (cutShort !== null) this.#clearTail(cutShort);
  }

  /** What stands behind the end of a segment is read by nobody; it only takes room. */
  #clearTail(segment: Segment): void {
    try {
      cutSegment(this.#disk, segment, segment.bytes);
    } catch (error) {
      this.#options.onError?.(this.#failed('cleared', error));
    }
  }

  #tellDamage(damage: Damage): void {
    const place = `${damage.path} ${damage.firstSequence}`;
    if (this.#damaged.has(place)) return;
    this.#damaged.set(place, damage.lastSequence - damage.firstSequence + 1);
    this.#options.onDamage?.(damage);
  }

  #full(): JournalError {
    return new JournalError(
      'journal_full',
      `The journal ${this.#folder} has reached its bound of ${this.#maxBytes} bytes: the ledger has confirmed nothing ` +
        `after record ${this.#confirmed}. Bring the ledger back, or raise the journal's maxBytes.`,
    );
  }

  #failed(what: string, cause: unknown): JournalError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new JournalError(
      'journal_write_failed',
      `The journal ${this.#folder} could not be ${what}: ${reason}. Check the space and rights of that disk.`,
      { cause },
    );
  }
}

/** Also what a disk says that has a quota. */
function isOutOfSpace(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
