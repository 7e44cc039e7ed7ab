/**
 * The segments of an open journal, oldest first; the last one is being written. Finds the segment of a sequence, and
 * deletes confirmed segments, oldest first.
 */

import type { JournalDisk } from './disk.ts';
import type { Segment } from './folder.ts';

export class Segments {
  readonly #disk: JournalDisk;
  readonly #folder: string;
  #list: Segment[];
  /** Bytes of all of them. */
  bytes: number;
  /** All records written since this time are present. Epoch milliseconds. */
  reachesBackToMs: number;

  /** @param list at least one segment, in the order of their sequences. */
  constructor(disk: JournalDisk, folder: string, list: Segment[], reachesBackToMs: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#list = list;
    this.bytes = list.reduce((sum, segment) => sum + segment.bytes, 0);
    this.reachesBackToMs = reachesBackToMs;
  }

  /** In the order of their sequences. */
  get all(): readonly Segment[] {
    return this.#list;
  }

  get oldest(): Segment {
    return this.#list[0]!;
  }

  get active(): Segment {
    return this.#list.at(-1)!;
  }

  add(segment: Segment): void {
    this.#list.push(segment);
    this.bytes += segment.bytes;
  }

  grow(bytes: number, nowMs: number): void {
    this.active.bytes += bytes;
    this.active.sinceMs = nowMs;
    this.bytes += bytes;
  }

  /**
   * Removes the segments that start after `sequence`, whose files are gone, and the end of the one before them: `bytes`
   * in total. Returns that one if its end has moved.
   */
  truncateAfter(sequence: number, bytes: number): Segment | null {
    const gone = this.#list.filter((segment) => segment.firstSequence > sequence);
    this.#list = this.#list.filter((segment) => segment.firstSequence <= sequence);
    this.bytes -= bytes;
    const cut = bytes - gone.reduce((sum, segment) => sum + segment.bytes, 0);
    const last = this.#list.at(-1);
    if (cut === 0 || last === undefined) return null;
    last.bytes -= cut;
    return last;
  }

  /** The segment that contains `sequence`, or the oldest one, and the segment after it. */
  holding(sequence: number): { readonly segment: Segment; readonly next: Segment | undefined } {
    let low = 0;
    for (let high = this.#list.length - 1; low < high; ) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#list[middle]!.firstSequence <= sequence) low = middle;
      else high = middle - 1;
    }
    return { segment: this.#list[low]!, next: this.#list[low + 1] };
  }

  /** Bytes of the segments that are not completely confirmed. */
  bytesAfter(confirmed: number): number {
    let sum = 0;
    for (let at = this.#list.length - 1; at >= 0 && this.#lastOf(at) > confirmed; at--) {
      sum += this.#list[at]!.bytes;
    }
    return sum;
  }

  /** Starts the age of the segments that became completely confirmed. Returns false if there are none. */
  confirmed(before: number, now: number, nowMs: number): boolean {
    let any = false;
    for (let at = this.#list.length - 2; at >= 0 && this.#lastOf(at) > before; at--) {
      if (this.#lastOf(at) > now) continue;
      const segment = this.#list[at]!;
      segment.sinceMs = nowMs;
      this.#disk.touch(segment.path, nowMs);
      any = true;
    }
    return any;
  }

  /** Deletes confirmed segments that are older than `retainMs`. */
  dropAged(confirmed: number, nowMs: number, retainMs: number): void {
    while (this.#oldestIsConfirmed(confirmed) && nowMs - this.oldest.sinceMs >= retainMs) this.#dropOldest();
  }

  /** Deletes the oldest segment, regardless of its age, if it is confirmed; else returns false. */
  dropOldest(confirmed: number): boolean {
    if (!this.#oldestIsConfirmed(confirmed)) return false;
    this.#dropOldest();
    return true;
  }

  #oldestIsConfirmed(confirmed: number): boolean {
    return this.#list.length > 1 && this.#lastOf(0) <= confirmed;
  }

  /** Deletes in order and syncs each time, so that a power failure never leaves a hole between the remaining segments. */
  #dropOldest(): void {
    const { path, bytes, sinceMs } = this.oldest;
    this.#disk.remove(path);
    this.#list.shift();
    this.bytes -= bytes;
    this.reachesBackToMs = sinceMs;
    this.#disk.syncFolder(this.#folder);
  }

  /** The last sequence of a segment; infinity for the newest one. */
  #lastOf(index: number): number {
    const next = this.#list[index + 1];
    return next === undefined ? Number.POSITIVE_INFINITY : next.firstSequence - 1;
  }
}
