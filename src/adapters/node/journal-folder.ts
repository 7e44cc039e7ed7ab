/**
 * What lies in a journal's folder: its identity, the last confirmed sequence, and the segments, each named after its
 * first sequence. Opening scans what is not confirmed, and cuts off what a crash left half written.
 */

import { join } from 'node:path';
import { JournalError } from '../../meter/port.ts';
import type { JournalDisk } from './journal-disk.ts';
import { peekRecord } from './journal-record.ts';

export interface Segment {
  readonly firstSequence: number;
  readonly path: string;
  bytes: number;
}

/** Bytes that were cut off at opening because they are no whole record. */
export interface TornTail {
  readonly path: string;
  readonly bytes: number;
  /** The last sequence that stands before the cut. */
  readonly afterSequence: number;
}

export interface ScannedFolder {
  readonly segments: Segment[];
  readonly lastSequence: number;
}

const segmentName = /^(\d{16})\.journal$/;

export function segmentPath(folder: string, firstSequence: number): string {
  return join(folder, `${String(firstSequence).padStart(16, '0')}.journal`);
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

/** Through a second file and a rename: a crash leaves the old content or the new, never half of one. */
function replaceFile(disk: JournalDisk, folder: string, name: string, content: string): void {
  const draft = join(folder, `${name}.new`);
  const bytes = Buffer.from(content);
  const fd = disk.openEmpty(draft);
  try {
    const written = disk.write(fd, bytes, 0, bytes.length);
    if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were taken`);
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(draft, join(folder, name));
  disk.syncFolder(folder);
}

function listSegments(disk: JournalDisk, folder: string): Segment[] {
  const firsts = disk.list(folder).flatMap((name) => {
    const digits = segmentName.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return firsts
    .sort((a, b) => a - b)
    .map((firstSequence) => {
      const path = segmentPath(folder, firstSequence);
      return { firstSequence, path, bytes: disk.stat(path)?.bytes ?? 0 };
    });
}

/**
 * Lists the segments and finds the last sequence. A segment is cut after its last whole record; segments that do not
 * follow on it are set aside as `*.damaged`. Both happen only to records that were never synced, and so were never
 * told to anybody (`Journal.read`), unless the disk itself is at fault.
 */
export function scanFolder(
  disk: JournalDisk,
  folder: string,
  confirmed: number,
  onTornTail: (tail: TornTail) => void,
): ScannedFolder {
  const found = listSegments(disk, folder);
  const segments: Segment[] = [];
  let last = (found[0]?.firstSequence ?? confirmed + 1) - 1;
  for (const [index, segment] of found.entries()) {
    if (segment.firstSequence !== last + 1) {
      disk.rename(segment.path, `${segment.path}.damaged`);
      onTornTail({ path: segment.path, bytes: segment.bytes, afterSequence: last });
      continue;
    }
    segments.push(segment);
    const next = found[index + 1];
    // Wholly confirmed and followed by another: nothing in it will be read again.
    last =
      next && next.firstSequence - 1 <= confirmed
        ? next.firstSequence - 1
        : cutTail(disk, segment, onTornTail);
  }
  return { segments, lastSequence: last };
}

function cutTail(disk: JournalDisk, segment: Segment, onTornTail: (tail: TornTail) => void): number {
  const bytes = disk.readWhole(segment.path);
  let end = 0;
  let last = segment.firstSequence - 1;
  for (let next = peekRecord(bytes, end); next?.sequence === last + 1; next = peekRecord(bytes, end)) {
    end = next.end;
    last = next.sequence;
  }
  if (end < bytes.length) {
    const fd = disk.openToAppend(segment.path);
    disk.truncate(fd, end);
    disk.close(fd);
    onTornTail({ path: segment.path, bytes: bytes.length - end, afterSequence: last });
  }
  segment.bytes = end;
  return last;
}
