/**
 * The known ranges of records that the disk has lost or changed. They are saved in the folder, so that these records
 * are returned as empty for as long as their neighbours are kept, and a ledger that requests them again gets a
 * definite answer.
 */

import { type DamagedRange, readDamaged, writeDamaged } from './folder.ts';
import type { JournalContext } from './options.ts';
import type { Damage } from './scan.ts';

export class DamageLog {
  readonly #context: JournalContext;
  readonly #onDamage: (damage: Damage) => void;
  /** In ascending order. Adjacent ranges are joined. */
  #ranges: readonly DamagedRange[];
  #isSaved = true;
  /** Ranges reported since the journal was opened. */
  #reported: readonly DamagedRange[] = [];

  constructor(context: JournalContext, onDamage: (damage: Damage) => void) {
    this.#context = context;
    this.#onDamage = onDamage;
    this.#ranges = joined(readDamaged(context.disk, context.folder));
  }

  /** Number of damaged records. */
  get records(): number {
    return this.#ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  /** Adds a range. Each range is reported once per opening, although a record may be read more than once. */
  add(damage: Damage): void {
    const range: DamagedRange = [damage.firstSequence, damage.lastSequence];
    if (!covers(this.#ranges, range)) {
      this.#ranges = joined([...this.#ranges, range]);
      this.#isSaved = false;
    }
    if (covers(this.#reported, range)) return;
    this.#reported = joined([...this.#reported, range]);
    this.#onDamage(damage);
  }

  /** The last of the consecutive damaged records from `sequence` on; `sequence - 1` if that record is not damaged. */
  lastFrom(sequence: number): number {
    const found = this.#ranges.find(([first, last]) => first <= sequence && sequence <= last);
    return found?.[1] ?? sequence - 1;
  }

  /** Removes ranges outside the journal and saves the rest. Throws disk errors. */
  save(oldestSequence: number, lastSequence: number): void {
    const inside = this.#ranges.flatMap(([first, last]): DamagedRange[] => {
      const range: DamagedRange = [Math.max(first, oldestSequence), Math.min(last, lastSequence)];
      return range[0] <= range[1] ? [range] : [];
    });
    if (String(inside) !== String(this.#ranges)) this.#isSaved = false;
    this.#ranges = inside;
    if (this.#isSaved) return;
    writeDamaged(this.#context.disk, this.#context.folder, inside);
    this.#isSaved = true;
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
