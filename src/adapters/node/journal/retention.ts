/**
 * What a journal keeps of what the ledger has confirmed, for how long, and what gives way where room is needed. What
 * the ledger lacks gives way to nothing.
 */

import type { JournalEnd } from './end.ts';
import { journalFailed } from './failure.ts';
import { writeConfirmed } from './folder.ts';
import type { JournalGround } from './options.ts';

export interface Bounds {
  readonly maxBytes: number;
  readonly retainMs: number;
}

export class Retention {
  readonly #ground: JournalGround;
  readonly #end: JournalEnd;
  readonly #bounds: Bounds;
  /** What the ledger has, as far as it has not been set back. */
  confirmed: number;
  /** The most that it ever had. */
  everConfirmed: number;
  readonly #confirmedAtStart: number;

  constructor(ground: JournalGround, end: JournalEnd, bounds: Bounds, confirmed: number) {
    this.#ground = ground;
    this.#end = end;
    this.#bounds = bounds;
    this.confirmed = confirmed;
    this.everConfirmed = confirmed;
    this.#confirmedAtStart = confirmed;
  }

  /** Throws as the disk does; then it is tried again with the next. */
  confirm(sequence: number): void {
    const { segments } = this.#end;
    this.confirmed = Math.max(this.confirmed, sequence);
    this.#keepConfirmed();
    segments.dropAged(this.confirmed, this.#ground.nowMs(), this.#bounds.retainMs);
  }

  setBack(sequence: number): void {
    this.confirmed = Math.min(this.confirmed, sequence);
  }

  /** The ledger has everything up to `sequence`, which is beyond what was ever written here. Throws as the disk does. */
  goBeyond(sequence: number): void {
    this.confirmed = sequence;
    this.everConfirmed = sequence;
    writeConfirmed(this.#ground.disk, this.#ground.folder, sequence);
  }

  /** Nothing is wanted any more: the ledger has had everything for as long as it is to be kept. */
  get isSpent(): boolean {
    const { last, segments } = this.#end;
    const ageMs = this.#ground.nowMs() - segments.active.sinceMs;
    return this.confirmed >= last && ageMs >= this.#bounds.retainMs;
  }

  /** Confirmed segments give way, oldest first; false where unconfirmed records alone fill the journal. */
  makeRoom(length: number): boolean {
    while (this.#end.segments.bytes + length > this.#bounds.maxBytes) {
      if (!this.giveWay()) return false;
    }
    return true;
  }

  /** Deletes the oldest segment, where it is confirmed. Throws `JournalError`. */
  giveWay(): boolean {
    const { last, segments } = this.#end;
    try {
      const { active } = segments;
      const activeIsConfirmed = active.bytes > 0 && this.confirmed >= last;
      if (segments.oldest === active && activeIsConfirmed) this.#end.rotate(last + 1);
      return segments.dropOldest(this.confirmed);
    } catch (error) {
      throw journalFailed(this.#ground.folder, 'cleared', error);
    }
  }

  /** Writes down at a stop how far the ledger is. */
  close(): void {
    const { disk, folder, nowMs } = this.#ground;
    const { last, segments } = this.#end;
    // The newest segment's age begins when the ledger had all of it.
    if (this.confirmed > this.#confirmedAtStart && this.confirmed >= last) {
      disk.touch(segments.active.path, nowMs());
    }
    if (this.everConfirmed > 0) writeConfirmed(disk, folder, this.everConfirmed);
  }

  /** Written down once for each segment: a start need not read what is confirmed, and its age survives. */
  #keepConfirmed(): void {
    const { disk, folder, nowMs } = this.#ground;
    const before = this.everConfirmed;
    if (this.confirmed <= before) return;
    this.everConfirmed = this.confirmed;
    if (this.#end.segments.confirmed(before, this.confirmed, nowMs())) {
      writeConfirmed(disk, folder, this.confirmed);
    }
  }
}
