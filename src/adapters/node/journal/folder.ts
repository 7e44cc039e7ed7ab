/**
 * The files in a journal's folder: the identity, the last confirmed sequence, the damaged ranges, and the segments, each
 * named after its first sequence.
 */

import { join } from 'node:path';
import { JournalError } from '../../../meter/port.ts';
import type { JournalDisk } from './disk.ts';

/** The first and last sequence of a run of damaged records. */
export type DamagedRange = readonly [first: number, last: number];

/** A file of records. It ends at the first sequence of the next segment; anything after that in the file is ignored. */
export interface Segment {
  readonly firstSequence: number;
  readonly path: string;
  bytes: number;
  /** Time of the last write, or of the confirmation of all its records. Its age counts from here. Epoch milliseconds. */
  sinceMs: number;
}

const SEGMENT_NAME = /^(\d{16})\.journal$/;

export function segmentPath(folder: string, firstSequence: number): string {
  return join(folder, `${nameOf(firstSequence)}.journal`);
}

/** Sixteen digits, so that names sort like sequences. */
export function nameOf(firstSequence: number): string {
  return String(firstSequence).padStart(16, '0');
}

/** Returns the identity in the folder, or creates it with `newId` if there is none. */
export function readOrMakeIdentity(disk: JournalDisk, folder: string, newId: () => string): string {
  const path = join(folder, 'journal.id');
  if (disk.stat(path) === null) {
    const orphan = listSegments(disk, folder)[0];
    if (orphan) {
      throw new JournalError(
        'journal_damaged',
        `The journal folder ${folder} has segments (${orphan.path}) and no journal.id. Restore that file from a ` +
          'backup; without it the ledger does not know which records it already has.',
      );
    }
    replaceFile(disk, folder, 'journal.id', newId());
  }
  const id = disk.readWhole(path).toString().trim();
  if (/^[0-9a-f-]{36}$/.test(id)) return id;
  throw new JournalError(
    'journal_damaged',
    `${path} does not hold a journal's identity (a UUID). Restore it from a backup.`,
  );
}

/** Returns the confirmed sequence as last saved. It may be smaller than that of the ledger. */
export function readConfirmed(disk: JournalDisk, folder: string): number {
  const path = join(folder, 'confirmed');
  if (disk.stat(path) === null) return 0;
  const sequence = Number(disk.readWhole(path).toString());
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : 0;
}

export function writeConfirmed(disk: JournalDisk, folder: string, sequence: number): void {
  replaceFile(disk, folder, 'confirmed', String(sequence));
}

/** Returns the ranges of damaged records as last saved. */
export function readDamaged(disk: JournalDisk, folder: string): DamagedRange[] {
  const path = join(folder, 'damaged');
  if (disk.stat(path) === null) return [];
  const ranges = parsed(disk.readWhole(path).toString());
  return Array.isArray(ranges) && ranges.every(isRange) ? ranges : [];
}

export function writeDamaged(disk: JournalDisk, folder: string, ranges: readonly DamagedRange[]): void {
  replaceFile(disk, folder, 'damaged', JSON.stringify(ranges));
}

/** Null if this file is damaged too. Damage that is still visible in the segments will be found again. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRange(value: unknown): value is DamagedRange {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isSafeInteger)) return false;
  return 0 < value[0] && value[0] <= value[1];
}

/** Writes a second file and renames it: a crash leaves either the old content or the new. */
function replaceFile(disk: JournalDisk, folder: string, name: string, content: string): void {
  const draft = join(folder, `${name}.new`);
  const bytes = Buffer.from(content);
  const fd = disk.openEmpty(draft);
  try {
    writeWhole(disk, fd, bytes, bytes.length);
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(draft, join(folder, name));
  disk.syncFolder(folder);
}

/** Writes all bytes. A write may take only a part; the next one takes the rest or throws the reason. */
export function writeWhole(disk: JournalDisk, fd: number, bytes: Uint8Array, length: number): void {
  for (let offset = 0; offset < length; ) {
    const written = disk.write(fd, bytes, offset, length - offset);
    if (written === 0) throw new Error(`only ${offset} of ${length} bytes were written`);
    offset += written;
  }
}

/** Lists the segments in the order of their sequences. */
export function listSegments(disk: JournalDisk, folder: string): Segment[] {
  const firsts = disk.list(folder).flatMap((name) => {
    const digits = SEGMENT_NAME.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return firsts
    .sort((a, b) => a - b)
    .map((firstSequence) => {
      const path = segmentPath(folder, firstSequence);
      const { bytes, modifiedMs } = disk.stat(path) ?? { bytes: 0, modifiedMs: 0 };
      return { firstSequence, path, bytes, sinceMs: modifiedMs };
    });
}
