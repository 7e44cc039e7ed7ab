/** Items as the scanner reports them, and as the slow count does, with ids as their hashes. */

import { PostCount } from '../../../src/count/post-count.ts';
import { PostId } from '../../../src/count/post-id.ts';
import type { SlowItem } from './slow-count.ts';

interface FoundItem {
  readonly rule: number;
  readonly id: string | null;
}

/** Records what was found; ids are requested. */
export class FoundItems extends PostCount {
  readonly items: FoundItem[] = [];

  constructor() {
    super([], true);
  }

  override found(rule: number, id: PostId | null): void {
    this.items.push({ rule, id: id?.isKnown ? textOf(id) : null });
  }
}

export function hashed(items: readonly SlowItem[] | 'shape'): FoundItem[] | 'shape' {
  if (items === 'shape') return items;
  return items.map(({ rule, id }) => {
    if (id === null) return { rule, id };
    const hash = new PostId();
    hash.readText(id);
    return { rule, id: textOf(hash) };
  });
}

function textOf({ high, low }: PostId): string {
  return `${high}:${low}`;
}
