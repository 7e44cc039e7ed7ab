/**
 * Scans the segments at opening: finds the last sequence, cuts off a record that a crash left incomplete, and reports
 * damage. Confirmed segments are not read, so a start with gigabytes of them is fast.
 */

import type { JournalDisk } from './disk.ts';
import { listSegments, type Segment } from './folder.ts';
import { decodeRecord, findRecord, peekRecord } from './record.ts';

/** Bytes that were cut off at opening because they are not a complete record. */
export interface TornTail {
  readonly path: string;
  readonly bytes: number;
  /** The last sequence before the cut. */
  readonly afterSequence: number;
}

/** Records that the disk lost or changed, with valid ones after them. They are read as empty, with a gap. */
export interface Damage {
  readonly path: string;
  readonly offset: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

export interface ScanEvents {
  readonly onTornTail: (tail: TornTail) => void;
  readonly onDamage: (damage: Damage) => void;
}

export interface ScannedFolder {
  readonly segments: Segment[];
  /** The segments that are not completely confirmed. They were read, and may not be synced. */
  readonly unconfirmed: readonly Segment[];
  readonly lastSequence: number;
}

/**
 * Lists the segments and finds the last sequence. Bytes are cut off only if no valid record follows them. They were
 * never synced, so no reader has seen them (`Journal.read`), unless the disk itself is faulty.
 */
export function scanFolder(
  disk: JournalDisk,
  folder: string,
  confirmed: number,
  events: ScanEvents,
): ScannedFolder {
  const segments = listSegments(disk, folder);
  const unconfirmed: Segment[] = [];
  let last = confirmed;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]?.firstSequence;
    // Completely confirmed, and followed by another segment.
    if (next !== undefined && next - 1 <= confirmed) continue;
    unconfirmed.push(segment);
    last = scanSegment(disk, segment, next, events);
    if (next !== undefined) last = next - 1;
  }
  return { segments, unconfirmed, lastSequence: last };
}

function scanSegment(
  disk: JournalDisk,
  segment: Segment,
  nextSegment: number | undefined,
  { onTornTail, onDamage }: ScanEvents,
): number {
  const { path, firstSequence } = segment;
  const bytes = disk.readWhole(path);
  let end = 0;
  let last = firstSequence - 1;
  while (last + 1 !== nextSegment) {
    const next = peekRecord(bytes, end);
    if (next?.sequence === last + 1) {
      end = next.end;
      last = next.sequence;
      continue;
    }
    const found = findRecord(bytes, end, last);
    if (found === null || found.sequence >= (nextSegment ?? Number.POSITIVE_INFINITY)) break;
    const lost = { path, offset: end, firstSequence: last + 1, lastSequence: found.sequence - 1 };
    if (lost.lastSequence >= lost.firstSequence) onDamage(lost);
    end = found.offset;
    last = found.sequence - 1;
  }
  if (nextSegment !== undefined && last + 1 < nextSegment) {
    onDamage({ path, offset: end, firstSequence: last + 1, lastSequence: nextSegment - 1 });
  } else if (end < bytes.length) {
    truncateSegment(disk, segment, end);
    onTornTail({ path, bytes: bytes.length - end, afterSequence: last });
  }
  return last;
}

/** Truncates the segment's file to `bytes`. */
export function truncateSegment(disk: JournalDisk, segment: Segment, bytes: number): void {
  const fd = disk.openToAppend(segment.path);
  try {
    disk.truncate(fd, bytes);
  } finally {
    disk.close(fd);
  }
  segment.bytes = bytes;
}

/** The bucket of the last usage in the segments, epoch milliseconds; null if none can be read. */
export function lastUsageMs(disk: JournalDisk, segments: readonly Segment[]): number | null {
  for (const segment of segments.toReversed()) {
    try {
      const bucketMs = lastBucketOf(disk.readWhole(segment.path).subarray(0, segment.bytes));
      if (bucketMs !== null) return bucketMs;
    } catch {
      // The caller that needs the segment gets the read error.
    }
  }
  return null;
}

function lastBucketOf(bytes: Buffer): number | null {
  const offsets: number[] = [];
  for (let at = 0, next = peekRecord(bytes, 0); next !== null; next = peekRecord(bytes, at)) {
    offsets.push(at);
    at = next.end;
  }
  // At most the empty records of retries follow the last usage.
  for (const offset of offsets.reverse()) {
    const last = decodeRecord(bytes, offset)?.record.usage.at(-1);
    if (last !== undefined) return last.bucketMs;
  }
  return null;
}

/** The bucket of the first usage in a segment, used as its start time in metrics only. Epoch milliseconds. */
export function writtenSinceMs(disk: JournalDisk, segment: Segment): number {
  try {
    const first = segment.bytes === 0 ? null : decodeRecord(disk.readWhole(segment.path), 0);
    return first?.record.usage[0]?.bucketMs ?? segment.sinceMs;
  } catch {
    // The caller that needs the segment gets the read error.
    return segment.sinceMs;
  }
}
