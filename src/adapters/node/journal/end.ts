/** Where a journal is written: behind its last record, in the newest segment, and in a new one where that is full. */

import { type Segment, segmentPath } from './folder.ts';
import type { JournalGround } from './options.ts';
import type { Segments } from './segments.ts';
import { JournalTail } from './tail.ts';

export class JournalEnd {
  readonly segments: Segments;
  readonly tail: JournalTail;
  /** The sequence of the last record. */
  last: number;
  readonly #ground: JournalGround;
  readonly #segmentBytes: number;

  constructor(ground: JournalGround, segments: Segments, segmentBytes: number, last: number) {
    this.#ground = ground;
    this.segments = segments;
    this.#segmentBytes = segmentBytes;
    this.last = last;
    this.tail = new JournalTail(ground.disk, segments.active.path);
    this.tail.sync(ground.folder);
  }

  /** Writes the next record. Throws as the disk does; nothing is written then. `took` says that it is to stay. */
  write(record: Uint8Array, length: number): void {
    const { active } = this.segments;
    if (active.bytes > 0 && active.bytes + length > this.#segmentBytes) this.rotate(this.last + 1);
    this.tail.write(record, length, this.segments.active.bytes);
  }

  /** What was written last, `length` bytes, is the record after the last one. */
  took(length: number): void {
    this.segments.grow(length, this.#ground.nowMs());
    this.last++;
  }

  /**
   * What was written last is not to stay. Where the disk does not let go of it, the repair removes it, which writes
   * this file anew; only a process that is killed before its disk is well leaves it there, one turn of responses that
   * were refused or are told in a gap: counted, for the upstream did send them. So does a loss of power right after.
   */
  undo(): void {
    try {
      this.tail.undo(this.segments.active.bytes);
    } catch {
      // It stands behind the end that the repair will give this segment.
    }
  }

  rotate(firstSequence: number): void {
    const { folder, nowMs } = this.#ground;
    const segment = newSegment(folder, firstSequence, nowMs());
    const { active } = this.segments;
    this.tail.goOn(segment.path, active.bytes);
    // What was confirmed in it may have been so later than it was written.
    active.sinceMs = segment.sinceMs;
    this.segments.add(segment);
  }
}

export function newSegment(folder: string, firstSequence: number, sinceMs: number): Segment {
  return { firstSequence, path: segmentPath(folder, firstSequence), bytes: 0, sinceMs };
}
