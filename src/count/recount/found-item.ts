/**
 * The items that the slow count finds in one body or frame, and how many count. It uses plain lists and sets to be
 * evidently correct.
 */

import { isWholePost, type SelectorRule } from '../post-count.ts';

export interface FoundItem {
  /** Index of the first matching selector. */
  readonly rule: number;
  /** Undefined if the item has no id, or its selector has none. */
  readonly id: string | undefined;
}

/** Whole posts whose kind is switched on, plus the distinct embedded posts that are not among the whole posts. */
export function postsOf(items: readonly FoundItem[], selectors: readonly SelectorRule[]): number {
  const counted = items.filter(({ rule }) => selectors[rule]!.counts);
  const isEmbedded = ({ rule }: FoundItem) => selectors[rule]!.kind === 'embedded';
  const whole = counted.filter((item) => !isEmbedded(item));
  // Neither a post whose kind is switched off nor its copies count.
  const posts = items.filter(({ rule }) => isWholePost(selectors[rule]!));
  const wholeIds = new Set([...whole, ...posts].map(({ id }) => id));
  const embeddedIds = new Set(counted.filter(isEmbedded).map(({ id }) => id));
  embeddedIds.delete(undefined);
  return whole.length + [...embeddedIds].filter((id) => !wholeIds.has(id)).length;
}
