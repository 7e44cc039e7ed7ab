/**
 * The journal as files: one folder, one identity, one writer. A record is one synchronous write to the end of the
 * newest segment, so that it outlives the process from the moment `append` returns; the disk is synced beside it.
 */

import { randomUUID } from 'node:crypto';
import { type Journal, JournalError, type JournalRecord } from '../../meter/port.ts';
import type { Usage } from '../../meter/usage.ts';
import { lockFolder } from './folder-lock.ts';
import { type JournalDisk, nodeDisk } from './journal-disk.ts';
import {
  readConfirmed,
  readOrMakeIdentity,
  type Segment,
  scanFolder,
  segmentPath,
  type TornTail,
  writeConfirmed,
} from './journal-folder.ts';
import { SegmentReader } from './journal-reader.ts';
import { RecordEncoder } from './journal-record.ts';

const idsInMemory = 4_000_000;

export interface FileJournalOptions {
  /** Made if need be; holds one journal and nothing else. */
  readonly folder: string;
  /** Bound over all segments; `append` throws `journal_full` beyond it. Default 1 GiB. */
  readonly maxBytes?: number;
  /** A new segment is begun at this size. Default 8 MiB. */
  readonly segmentBytes?: number;
  /**
   * Time between syncs in the background (default 50), or `'every'`: at every append. SIGKILL loses nothing either
   * way; a loss of power loses at most this much.
   */
  readonly syncIntervalMs?: number | 'every';
  /**
   * Unconfirmed records kept in memory too, so that shipping reads no files. Default 65,536; fewer where they hold
   * more than 4,000,000 ids of posts (32 MB).
   */
  readonly recordsInMemory?: number;
  /** Told at opening of every tail that was cut off. */
  readonly onTornTail?: (tail: TornTail) => void;
  /** Told when the background sync or the dropping of segments fails; both are tried again. */
  readonly onError?: (error: Error) => void;
  /** Everything that is read and written goes through it. Default: the disk of this machine. */
  readonly disk?: JournalDisk;
  /** Holds the folder for this opener alone, or throws `journal_locked`; returns what lets go of it. */
  readonly lock?: (folder: string) => () => void;
  /** Runs something again and again, `ms` apart, and returns what ends it. Default: a timer that holds no process. */
  readonly everyMs?: (ms: number, run: () => void) => () => void;
  /** Epoch milliseconds UTC. */
  readonly nowMs?: () => number;
  /** A UUID for a folder that has no journal yet. */
  readonly newId?: () => string;
}

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
  readonly #disk: JournalDisk;
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #syncEvery: boolean;
  readonly #recordsInMemory: number;
  readonly #onError: (error: Error) => void;
  readonly #unlock: () => void;
  readonly #encoder = new RecordEncoder();
  readonly #reader: SegmentReader;
  readonly #stopSyncing: () => void;
  readonly #segments: Segment[];
  #active: Segment;
  #fd: number;
  /** Files of full segments that are not synced yet. */
  #retired: number[] = [];
  #totalBytes: number;
  #last: number;
  #synced: number;
  #confirmed: number;
  #syncing: Promise<void> | undefined;
  /** A write stopped half way and could not be cut back: nothing is appended before that has been mended. */
  #halfWritten = false;
  /** The newest records, without a gap, ending with the last one. */
  #recent: JournalRecord[] = [];
  /** Ids in `#recent`. */
  #recentIds = 0;
  #closed = false;

  constructor(options: FileJournalOptions) {
    this.#disk = options.disk ?? nodeDisk;
    this.#reader = new SegmentReader(this.#disk);
    this.#folder = options.folder;
    this.#maxBytes = options.maxBytes ?? 1024 ** 3;
    this.#segmentBytes = options.segmentBytes ?? 8 * 1024 ** 2;
    this.#recordsInMemory = options.recordsInMemory ?? 65_536;
    this.#onError = options.onError ?? (() => {});
    this.#syncEvery = options.syncIntervalMs === 'every';
    this.#unlock = (options.lock ?? lockJournal)(options.folder);
    try {
      this.id = readOrMakeIdentity(this.#disk, options.folder, options.newId ?? randomUUID);
      this.#confirmed = readConfirmed(this.#disk, options.folder);
      const scanned = scanFolder(
        this.#disk,
        options.folder,
        this.#confirmed,
        options.onTornTail ?? (() => {}),
      );
      this.#segments = scanned.segments;
      this.#last = scanned.lastSequence;
      if (this.#segments.length === 0) this.#segments.push(this.#newSegment());
      this.#active = this.#segments.at(-1)!;
      this.#fd = this.#disk.openToAppend(this.#active.path);
      // What the last process wrote and did not sync is synced here, before anybody is told of it.
      this.#disk.sync(this.#fd);
      this.#disk.syncFolder(this.#folder);
    } catch (error) {
      this.#unlock();
      throw error instanceof JournalError ? error : this.#failed('opened', error);
    }
    this.#synced = this.#last;
    this.#totalBytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const { syncIntervalMs = 50 } = options;
    const everyMs = options.everyMs ?? timerEveryMs;
    this.#stopSyncing =
      syncIntervalMs === 'every' ? () => {} : everyMs(syncIntervalMs, () => void this.#sync());
  }

  get lastSequence(): number {
    return this.#last;
  }

  /** Bytes of all segments on the disk. */
  get bytes(): number {
    return this.#totalBytes;
  }

  append(usage: readonly Usage[]): number {
    const sequence = this.#last + 1;
    const length = this.#encoder.encode(sequence, usage);
    if (this.#totalBytes + length > this.#maxBytes) throw this.#full();
    try {
      if (this.#halfWritten) this.#cutBack();
      if (this.#active.bytes > 0 && this.#active.bytes + length > this.#segmentBytes) this.#rotate();
      this.#write(length);
    } catch (error) {
      throw this.#failed('written', error);
    }
    this.#active.bytes += length;
    this.#totalBytes += length;
    this.#last = sequence;
    if (this.#syncEvery) this.#synced = sequence;
    this.#remember({ sequence, usage });
    return sequence;
  }

  #remember(record: JournalRecord): void {
    this.#recent.push(record);
    this.#recentIds += idsIn(record);
    if (this.#recent.length > this.#recordsInMemory || this.#recentIds > idsInMemory) {
      this.#forget(Math.ceil(this.#recent.length / 2));
    }
  }

  #forget(oldest: number): void {
    for (const record of this.#recent.slice(0, oldest)) this.#recentIds -= idsIn(record);
    this.#recent = this.#recent.slice(oldest);
  }

  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    const upTo = this.#synced;
    if (afterSequence >= upTo) return [];
    const firstInMemory = this.#last + 1 - this.#recent.length;
    const skip = afterSequence + 1 - firstInMemory;
    if (skip >= 0) return this.#recent.slice(skip, Math.min(skip + maxRecords, upTo + 1 - firstInMemory));
    const index = this.#segments.findLastIndex((segment) => segment.firstSequence <= afterSequence + 1);
    const segment = this.#segments[Math.max(0, index)]!;
    return this.#reader.read(segment, afterSequence, upTo, maxRecords);
  }

  confirm(sequence: number): void {
    if (sequence > this.#last) this.#continueAfter(sequence);
    if (sequence <= this.#confirmed) return;
    this.#confirmed = sequence;
    const firstInMemory = this.#last + 1 - this.#recent.length;
    const done = Math.min(this.#recent.length, sequence + 1 - firstInMemory);
    if (done > 0) this.#forget(done);
    try {
      this.#dropConfirmedSegments();
    } catch (error) {
      this.#onError(this.#failed('cleared', error));
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSyncing();
    await this.#syncing;
    await this.#sync();
    this.#disk.close(this.#fd);
    try {
      if (this.#confirmed > 0) writeConfirmed(this.#disk, this.#folder, this.#confirmed);
    } finally {
      this.#unlock();
    }
  }

  #write(length: number): void {
    try {
      const written = this.#disk.write(this.#fd, this.#encoder.buffer, 0, length);
      if (written !== length)
        throw new Error(`only ${written} of ${length} bytes were taken; the disk is full`);
      if (this.#syncEvery) this.#disk.sync(this.#fd);
    } catch (error) {
      this.#halfWritten = true;
      this.#cutBack();
      throw error;
    }
  }

  /** Cuts a record that was written in part, so that the next one follows on a whole one. */
  #cutBack(): void {
    this.#disk.truncate(this.#fd, this.#active.bytes);
    this.#halfWritten = false;
  }

  #rotate(): void {
    const segment = this.#newSegment();
    const fd = this.#disk.openToAppend(segment.path);
    if (this.#syncEvery) {
      this.#disk.close(this.#fd);
      this.#disk.syncFolder(this.#folder);
    } else {
      this.#retired.push(this.#fd);
    }
    this.#fd = fd;
    this.#active = segment;
    this.#segments.push(segment);
  }

  #newSegment(): Segment {
    const firstSequence = this.#last + 1;
    return { firstSequence, path: segmentPath(this.#folder, firstSequence), bytes: 0 };
  }

  #continueAfter(sequence: number): void {
    this.#last = sequence;
    this.#rotate();
    this.#forget(this.#recent.length);
    this.#synced = sequence;
  }

  #dropConfirmedSegments(): void {
    let drop = 0;
    while (
      drop + 1 < this.#segments.length &&
      this.#segments[drop + 1]!.firstSequence - 1 <= this.#confirmed
    ) {
      drop += 1;
    }
    if (drop === 0) return;
    // Before the files go, so that a start in between does not take the gap for damage.
    writeConfirmed(this.#disk, this.#folder, this.#confirmed);
    for (const segment of this.#segments.splice(0, drop)) {
      this.#totalBytes -= segment.bytes;
      this.#disk.remove(segment.path);
    }
  }

  /** Syncs in the order of writing, so that what is synced is always a beginning of the journal. */
  async #sync(): Promise<void> {
    if (this.#syncing || this.#synced === this.#last) return;
    this.#syncing = this.#syncUpTo(this.#last);
    try {
      await this.#syncing;
    } catch (error) {
      this.#onError(this.#failed('synced', error));
    } finally {
      this.#syncing = undefined;
    }
  }

  async #syncUpTo(sequence: number): Promise<void> {
    const active = this.#fd;
    while (this.#retired[0] !== undefined) {
      await this.#disk.syncLater(this.#retired[0]);
      this.#disk.close(this.#retired.shift()!);
      this.#disk.syncFolder(this.#folder);
    }
    await this.#disk.syncLater(active);
    this.#synced = Math.max(this.#synced, sequence);
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

function timerEveryMs(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms).unref();
  return () => clearInterval(timer);
}

function idsIn({ usage }: JournalRecord): number {
  let ids = 0;
  for (const one of usage) if (one.ids !== undefined) ids += one.ids.length / 2;
  return ids;
}

function lockJournal(folder: string): () => void {
  const lock = lockFolder(folder, 'journal.lock');
  switch (lock.kind) {
    case 'locked':
      return lock.unlock;
    case 'in_use':
      throw new JournalError(
        'journal_locked',
        `The journal folder ${folder} is in use by another process. Stop that one, or give this one a DATA_DIR of its own.`,
      );
    case 'unusable':
      throw new JournalError(
        'journal_write_failed',
        `The journal folder ${folder} cannot be used: ${lock.cause.message}. Make it a folder that this user may ` +
          'write, or set DATA_DIR to one.',
        { cause: lock.cause },
      );
  }
}
