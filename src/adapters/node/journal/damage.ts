/**
 * The records that the disk has lost or changed, as far as that is known. It is written down in the folder, so that they
 * are given as empty for as long as their neighbours are kept, and no ledger that asks for them again is told that
 * nobody knows of them.
 */

import { readDamaged, writeDamaged } from './folder.ts';
import type { JournalGround } from './options.ts';
import type { Damage } from './scan.ts';

/** First and last sequence. */
export type DamagedRange = readonly [first: number, last: number];

export class KnownDamage {
  readonly #ground: JournalGround;
  readonly #onDamage: (damage: Damage) => void;
  /** In order, none touching the next. */
  #ranges: readonly DamagedRange[];
  #isKept = true;
  /** Since the opening. */
  #told: readonly DamagedRange[] = [];

  constructor(ground: JournalGround, onDamage: (damage: Damage) => void) {
    this.#ground = ground;
    this.#onDamage = onDamage;
    this.#ranges = joined(readDamaged(ground.disk, ground.folder));
  }

  /** How many records it is. */
  get records(): number {
    return this.#ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  /** Takes note, and tells of what was not told since the opening: a record is read more than once. */
  note(damage: Damage): void {
    const range: DamagedRange = [damage.firstSequence, damage.lastSequence];
    if (!covers(this.#ranges, range)) {
      this.#ranges = joined([...this.#ranges, range]);
      this.#isKept = false;
    }
    if (covers(this.#told, range)) return;
    this.#told = joined([...this.#told, range]);
    this.#onDamage(damage);
  }

  /** The last of the damaged records that begin with `sequence`; the one before it where it is not among them. */
  lastFrom(sequence: number): number {
    const found = this.#ranges.find(([first, last]) => first <= sequence && sequence <= last);
    return found?.[1] ?? sequence - 1;
  }

  /** Forgets what is not in the journal (any more), and writes down what is. Throws as the disk does. */
  keep(oldestSequence: number, lastSequence: number): void {
    const inside = this.#ranges.flatMap(([first, last]): DamagedRange[] => {
      const range: DamagedRange = [Math.max(first, oldestSequence), Math.min(last, lastSequence)];
      return range[0] <= range[1] ? [range] : [];
    });
    if (String(inside) !== String(this.#ranges)) this.#isKept = false;
    this.#ranges = inside;
    if (this.#isKept) return;
    writeDamaged(this.#ground.disk, this.#ground.folder, inside);
    this.#isKept = true;
  }
}

function covers(ranges: readonly DamagedRange[], [first, last]: DamagedRange): boolean {
  return ranges.some((range) => range[0] <= first && last <= range[1]);
}

function joined(ranges: readonly DamagedRange[]): DamagedRange[] {
  const all: DamagedRange[] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = all.at(-1);
    if (before === undefined || first > before[1] + 1) all.push([first, last]);
    else all[all.length - 1] = [before[0], Math.max(before[1], last)];
  }
  return all;
}
