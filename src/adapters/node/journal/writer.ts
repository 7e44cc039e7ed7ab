/** Appends records to the newest segment of a journal, and starts a new segment when that one is full. */

import { type Segment, segmentPath } from './folder.ts';
import type { JournalContext } from './options.ts';
import { SegmentFile } from './segment-file.ts';
import type { Segments } from './segments.ts';

export class JournalWriter {
  readonly segments: Segments;
  readonly file: SegmentFile;
  /** Sequence of the last record. */
  last: number;
  readonly #context: JournalContext;
  readonly #segmentBytes: number;

  constructor(context: JournalContext, segments: Segments, segmentBytes: number, last: number) {
    this.#context = context;
    this.segments = segments;
    this.#segmentBytes = segmentBytes;
    this.last = last;
    this.file = new SegmentFile(context.disk, segments.active.path);
    this.file.sync(context.folder);
  }

  /** Writes the next record, which `commit` then accepts. Throws disk errors; nothing is written in that case. */
  write(record: Uint8Array, length: number): void {
    const { active } = this.segments;
    if (active.bytes > 0 && active.bytes + length > this.#segmentBytes) this.rotate(this.last + 1);
    this.file.write(record, length, this.segments.active.bytes);
  }

  /** Accepts the last write, of `length` bytes, as the next record. */
  commit(length: number): void {
    this.segments.grow(length, this.#context.nowMs());
    this.last++;
  }

  /**
   * Undoes the last write. If truncation fails, the next repair rewrites the file without it. The write remains only
   * if the process is killed before the disk recovers, or if the power fails right afterwards. It then counts one turn
   * of responses that were refused or reported in a gap, which the upstream did send.
   */
  undo(): void {
    try {
      this.file.undo(this.segments.active.bytes);
    } catch {
      // It lies beyond the end that the repair will give this segment.
    }
  }

  rotate(firstSequence: number): void {
    const { folder, nowMs } = this.#context;
    const segment = newSegment(folder, firstSequence, nowMs());
    const { active } = this.segments;
    this.file.switchTo(segment.path, active.bytes);
    // Its records may have been confirmed later than they were written.
    active.sinceMs = segment.sinceMs;
    this.segments.add(segment);
  }
}

export function newSegment(folder: string, firstSequence: number, sinceMs: number): Segment {
  return { firstSequence, path: segmentPath(folder, firstSequence), bytes: 0, sinceMs };
}
