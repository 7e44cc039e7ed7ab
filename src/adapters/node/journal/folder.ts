/**
 * What lies in a journal's folder: its identity, the last confirmed sequence, and the segments, each named after its
 * first sequence.
 */

import { join } from 'node:path';
import { JournalError } from '../../../meter/port.ts';
import type { DamagedRange } from './damage.ts';
import type { JournalDisk } from './disk.ts';

/** A file of records. It ends where the next segment begins, whatever stands in it behind that. */
export interface Segment {
  readonly firstSequence: number;
  readonly path: string;
  bytes: number;
  /** When it was last written to, or confirmed as a whole: its age counts from here. Epoch milliseconds. */
  sinceMs: number;
}

const segmentName = /^(\d{16})\.journal$/;

export function segmentPath(folder: string, firstSequence: number): string {
  return join(folder, `${nameOf(firstSequence)}.journal`);
}

/** Sixteen digits, so that names sort as sequences do. */
export function nameOf(firstSequence: number): string {
  return String(firstSequence).padStart(16, '0');
}

/** The identity in the folder, made with `newId` where there is none yet. */
export function readOrMakeIdentity(disk: JournalDisk, folder: string, newId: () => string): string {
  const path = join(folder, 'journal.id');
  if (disk.stat(path) === null) {
    const orphan = listSegments(disk, folder)[0];
    if (orphan) {
      throw new JournalError(
        'journal_damaged',
        `The journal folder ${folder} has segments (${orphan.path}) and no journal.id. Restore that file from a ` +
          'backup; without it the ledger cannot tell which records it has taken.',
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

/** The confirmed sequence as last written; may lag behind what the ledger has. */
export function readConfirmed(disk: JournalDisk, folder: string): number {
  const path = join(folder, 'confirmed');
  if (disk.stat(path) === null) return 0;
  const sequence = Number(disk.readWhole(path).toString());
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : 0;
}

export function writeConfirmed(disk: JournalDisk, folder: string, sequence: number): void {
  replaceFile(disk, folder, 'confirmed', String(sequence));
}

/** The ranges of records that are known to be damaged, as last written. */
export function readDamaged(disk: JournalDisk, folder: string): DamagedRange[] {
  const path = join(folder, 'damaged');
  if (disk.stat(path) === null) return [];
  const ranges = parsed(disk.readWhole(path).toString());
  return Array.isArray(ranges) && ranges.every(isRange) ? ranges : [];
}

export function writeDamaged(disk: JournalDisk, folder: string, ranges: readonly DamagedRange[]): void {
  replaceFile(disk, folder, 'damaged', JSON.stringify(ranges));
}

/** Null where the disk has damaged this file too: what of it is still to be seen in the segments is found again. */
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

/** Through a second file and a rename: a crash leaves the old content or the new, never half of one. */
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

/** A write may take a part only; the next one then says why, or takes the rest. */
export function writeWhole(disk: JournalDisk, fd: number, bytes: Uint8Array, length: number): void {
  for (let offset = 0; offset < length; ) {
    const written = disk.write(fd, bytes, offset, length - offset);
    if (written === 0) throw new Error(`only ${offset} of ${length} bytes were taken`);
    offset += written;
  }
}

/** In the order of their sequences. */
export function listSegments(disk: JournalDisk, folder: string): Segment[] {
  const firsts = disk.list(folder).flatMap((name) => {
    const digits = segmentName.exec(name)?.[1];
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
