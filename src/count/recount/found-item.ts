/** What a slow count finds in one body or frame, and what of it counts: by lists and sets, so that it is obvious. */

import { isWholePost, type SelectorRule } from '../post-count.ts';

export interface FoundItem {
  /** Index of the first selector that fits. */
  readonly rule: number;
  /** Undefined where the item names none, or its selector looks for none. */
  readonly id: string | undefined;
}

/** Whole posts that are switched on, and the different embedded ones among which none of them stands. */
export function postsOf(items: readonly FoundItem[], selectors: readonly SelectorRule[]): number {
  const counted = items.filter(({ rule }) => selectors[rule]!.counts);
  const isEmbedded = ({ rule }: FoundItem) => selectors[rule]!.kind === 'embedded';
  const whole = counted.filter((item) => !isEmbedded(item));
  // A post that is switched off does not count, nor do copies of it.
  const posts = items.filter(({ rule }) => isWholePost(selectors[rule]!));
  const wholeIds = new Set([...whole, ...posts].map(({ id }) => id));
  const embeddedIds = new Set(counted.filter(isEmbedded).map(({ id }) => id));
  embeddedIds.delete(undefined);
  return whole.length + [...embeddedIds].filter((id) => !wholeIds.has(id)).length;
}
