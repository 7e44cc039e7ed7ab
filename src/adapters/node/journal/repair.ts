/**
 * What to do where a sync has failed: the system may have dropped what was written and call it clean, so that a
 * second sync that succeeds means nothing. The records that were not synced are written anew, to a file of their own,
 * and take the place of the old ones once that one is synced; a crash at any step leaves the old or the new.
 */

import { join } from 'node:path';
import type { JournalRecord } from '../../../meter/port.ts';
import type { JournalDisk } from './disk.ts';
import { listSegments, nameOf, type Segment, segmentPath, writeWhole } from './folder.ts';
import type { RecordEncoder } from './record.ts';

// The file names are those of the first version, so that a folder of any version can be opened.
const DRAFT_NAME = 'mend.new';
/** Holds the sequence up to which the segments are surely synced; exists while a repair is requested. */
const REQUEST_NAME = 'mend.wanted';
const REPAIR_NAME = /^(\d{16})\.mend$/;

export interface RepairedSegment {
  /** Of the new segment, open for appending. */
  readonly fd: number;
  readonly path: string;
  readonly bytes: number;
}

/** Writes `records`, which begin at `firstSequence`, in place of all segments from there on. */
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

/** Puts a completely written repair in its place. Opening does so too, after a crash in between. */
export function finishRepair(disk: JournalDisk, folder: string): void {
  for (const name of disk.list(folder)) {
    const digits = REPAIR_NAME.exec(name)?.[1];
    if (digits === undefined) continue;
    const firstSequence = Number(digits);
    for (const segment of listSegments(disk, folder)) {
      if (segment.firstSequence >= firstSequence) disk.remove(segment.path);
    }
    disk.rename(join(folder, name), segmentPath(folder, firstSequence));
    disk.syncFolder(folder);
  }
}

/** Records that a repair failed: a later process cannot see that what it reads was never synced. */
export function requestRepair(disk: JournalDisk, folder: string, syncedSequence: number): void {
  const fd = disk.openEmpty(join(folder, REQUEST_NAME));
  try {
    const bytes = Buffer.from(String(syncedSequence));
    writeWhole(disk, fd, bytes, bytes.length);
  } finally {
    disk.close(fd);
  }
}

export function withdrawRepairRequest(disk: JournalDisk, folder: string): void {
  const path = join(folder, REQUEST_NAME);
  if (disk.stat(path) !== null) disk.remove(path);
}

/** At opening: writes anew, as they are, the segments of which a process before us could not sync everything. */
export function repairIfRequested(disk: JournalDisk, folder: string, segments: readonly Segment[]): void {
  const path = join(folder, REQUEST_NAME);
  if (disk.stat(path) === null) return;
  // Half written, it is 0 or less than was meant: more is written anew.
  const synced = Number(disk.readWhole(path).toString());
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next === undefined || next.firstSequence - 1 > synced) writeAnew(disk, folder, segment);
  }
  disk.syncFolder(folder);
  withdrawRepairRequest(disk, folder);
}

function writeAnew(disk: JournalDisk, folder: string, { path }: Segment): void {
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
