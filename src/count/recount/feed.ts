/** Finds the entries of a whole feed. */

import type { PostsEntry } from '../route/schema.ts';
import type { FoundItem } from './found-item.ts';
import { itemsInText } from './json.ts';
import { withoutNoise, xmlIn } from './noise.ts';
import { itemsInXml } from './xml.ts';

const FEED_ROOTS = /<(?:[\w-]+:)?(?:rss|rdf|feed|entry)\b/i;

/** @param isOptional whether a body that is not a feed has no entries; otherwise it throws. */
export function itemsInFeed(text: string, entries: readonly PostsEntry[], isOptional: boolean): FoundItem[] {
  const isXml = !/^\s*\{/.test(text) && FEED_ROOTS.test(text);
  const json = isXml ? '' : withoutNoise(text).trim();
  if (json.startsWith('{')) {
    const isFeed = /^https?:\/\/(?:www\.)?jsonfeed\.org\/version\/1/.test(JSON.parse(json).version);
    if (isFeed) return itemsInText(json, entries.map(inJson));
    if (isOptional) return [];
    throw new Error('The JSON is not a feed.');
  }
  if (isOptional && !isXml) return [];
  return itemsInXml(xmlIn(text), entries);
}

/** Entries with a test are for XML; in JSON their place does not exist. */
function inJson(entry: PostsEntry): PostsEntry {
  if (!('feed' in entry) || entry.where !== undefined) return { json: '$.x', kind: 'none' };
  const { kind } = entry;
  return entry.feed === 'attachment'
    ? { json: '$.items[*].attachments[*]', id: 'url', kind }
    : { json: '$.items[*]', id: 'id', kind };
}
