/** Finds the posts in XML that is parsed as a whole. */

import type { PostsEntry } from '../route/schema.ts';
import type { FoundItem } from './found-item.ts';

export function itemsInXml(_text: string, _entries: readonly PostsEntry[]): FoundItem[] {
  throw new Error('not built');
}
