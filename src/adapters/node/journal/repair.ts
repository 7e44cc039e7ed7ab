/**
 * Repairs a journal after a failed sync. The operating system may have dropped the written pages and marked them clean,
 * so a second sync that succeeds proves nothing. The unsynced records are written to a new file, which replaces the old
 * one once it is synced. A crash at any step leaves either the old file or the new one.
 */

import { join } from 'node:path';
import type { JournalRecord } from '../../../meter/port.ts';
import type { JournalDisk } from './disk.ts';
import { listSegments, nameOf, type Segment, segmentPath, writeWhole } from './folder.ts';
import type { RecordEncoder } from './record.ts';

// The names on disk are those of the first version, so that a folder of any version can be opened.
const DRAFT_NAME = 'mend.new';
/** Exists while a repair is needed. Contains the sequence up to which the segments are certainly synced. */
const REQUEST_NAME = 'mend.wanted';
const REPAIRED_NAME = /^(\d{16})\.mend$/;

export interface RepairedSegment {
  /** The new segment, open for appending. */
  readonly fd: number;
  readonly path: string;
  readonly bytes: number;
}

/** Replaces all segments from `firstSequence` on by one with `records`, which start there. */
export function repairFolder(
  disk: JournalDisk,
  folder: string,
  firstSequence: number,
  records: readonly JournalRecord[],
  encoder: RecordEncoder,
): RepairedSegment {
  const draft = join(folder, DRAFT_NAME);
  const fd = disk.openEmpty(draft);
  try {
    let bytes = 0;
    for (const record of records) {
      const length = encoder.encode(record);
      writeWhole(disk, fd, encoder.buffer, length);
      bytes += length;
    }
    disk.sync(fd);
    disk.rename(draft, join(folder, `${nameOf(firstSequence)}.mend`));
    disk.syncFolder(folder);
    finishRepair(disk, folder);
    return { fd, path: segmentPath(folder, firstSequence), bytes };
  } catch (error) {
    disk.close(fd);
    throw error;
  }
}

/** Moves a completely written repair into place; also at opening, after a crash in between. */
export function finishRepair(disk: JournalDisk, folder: string): void {
  for (const name of disk.list(folder)) {
    const digits = REPAIRED_NAME.exec(name)?.[1];
    if (digits === undefined) continue;
    const firstSequence = Number(digits);
    for (const segment of listSegments(disk, folder)) {
      if (segment.firstSequence >= firstSequence) disk.remove(segment.path);
    }
    disk.rename(join(folder, name), segmentPath(folder, firstSequence));
    disk.syncFolder(folder);
  }
}

/** Records that a repair has failed, because a later process cannot see that the segments were never synced. */
export function requestRepair(disk: JournalDisk, folder: string, syncedSequence: number): void {
  const fd = disk.openEmpty(join(folder, REQUEST_NAME));
  try {
    const bytes = Buffer.from(String(syncedSequence));
    writeWhole(disk, fd, bytes, bytes.length);
  } finally {
    disk.close(fd);
  }
}

export function clearRepairRequest(disk: JournalDisk, folder: string): void {
  const path = join(folder, REQUEST_NAME);
  if (disk.stat(path) !== null) disk.remove(path);
}

/** At opening: rewrites, unchanged, the segments that an earlier process could not sync completely. */
export function repairIfRequested(disk: JournalDisk, folder: string, segments: readonly Segment[]): void {
  const path = join(folder, REQUEST_NAME);
  if (disk.stat(path) === null) return;
  // If the file was torn, the number is too small, and more segments are rewritten.
  const synced = Number(disk.readWhole(path).toString());
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next === undefined || next.firstSequence - 1 > synced) rewrite(disk, folder, segment);
  }
  disk.syncFolder(folder);
  clearRepairRequest(disk, folder);
}

function rewrite(disk: JournalDisk, folder: string, { path }: Segment): void {
  const bytes = disk.readWhole(path);
  const draft = join(folder, DRAFT_NAME);
  const fd = disk.openEmpty(draft);
  try {
    writeWhole(disk, fd, bytes, bytes.length);
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
  disk.rename(draft, path);
}
