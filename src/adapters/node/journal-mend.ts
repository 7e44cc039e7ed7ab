/**
 * What to do where a sync has failed: the system may have dropped what was written and call it clean, so that a
 * second sync that succeeds means nothing. The records that were not synced are written anew, to a file of their own,
 * and take the place of the old ones once that one is synced; a crash at any step leaves the old or the new.
 */

import { join } from 'node:path';
import type { JournalRecord } from '../../meter/port.ts';
import type { JournalDisk } from './journal-disk.ts';
import { listSegments, nameOf, segmentPath, writeWhole } from './journal-folder.ts';
import type { RecordEncoder } from './journal-record.ts';

const draftName = 'mend.new';
const mendName = /^(\d{16})\.mend$/;

export interface Mended {
  /** Of the new segment, open for appending. */
  readonly fd: number;
  readonly path: string;
  readonly bytes: number;
}

/** Writes `records`, which begin at `firstSequence`, in place of all segments from there on. */
export function mendFolder(
  disk: JournalDisk,
  folder: string,
  firstSequence: number,
  records: readonly JournalRecord[],
  encoder: RecordEncoder,
): Mended {
  const draft = join(folder, draftName);
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
    finishMend(disk, folder);
    return { fd, path: segmentPath(folder, firstSequence), bytes };
  } catch (error) {
    disk.close(fd);
    throw error;
  }
}

/** Puts a mend that was written whole in its place; at opening too, where a crash came in between. */
export function finishMend(disk: JournalDisk, folder: string): void {
  for (const name of disk.list(folder)) {
    const digits = mendName.exec(name)?.[1];
    if (digits === undefined) continue;
    const firstSequence = Number(digits);
    for (const segment of listSegments(disk, folder)) {
      if (segment.firstSequence >= firstSequence) disk.remove(segment.path);
    }
    disk.rename(join(folder, name), segmentPath(folder, firstSequence));
    disk.syncFolder(folder);
  }
}
