/** Finds the posts in fully parsed JSON; json-p3's own evaluator follows the paths. */

import { type JSONPathNode, type JSONValue, jsonpath } from 'json-p3';
import { isHtmlInJson, type PostsEntry } from '../route/schema.ts';
import type { FoundItem } from './found-item.ts';
import { itemsInHtml } from './html.ts';
import { hasSameOrigin, memberAtPath, passes, scalarText } from './where.ts';

/** The items of one JSON text, each once, with the first matching entry. */
export function itemsInText(text: string, entries: readonly PostsEntry[]): FoundItem[] {
  const root: JSONValue = JSON.parse(text);
  const seen = new Set<string>();
  const items = entries.flatMap((entry, rule): FoundItem[] => {
    if (!('json' in entry) || isHtmlInJson(entry)) return [];
    return itemsAt(root, entry.json, entry.inside, entry.scalars === true).flatMap(({ place, value }) => {
      if (seen.has(place) || !passes(value, entry.where) || !hasSameOrigin(value, entry.sameOrigin))
        return [];
      seen.add(place);
      return [{ rule, id: entry.id === undefined ? undefined : scalarText(memberAtPath(value, entry.id)) }];
    });
  });
  return [...items, ...itemsInStrings(root, entries)];
}

/** Most strings contain a fragment of a page. */
const IS_PAGE = /<(?:html|body)[\s>]/i;

/** The items in HTML within strings; each string is one page for all entries that select it. */
function itemsInStrings(root: JSONValue, entries: readonly PostsEntry[]): FoundItem[] {
  const pages = new Map<string, { readonly text: string; readonly entries: PostsEntry[] }>();
  for (const [rule, entry] of entries.entries()) {
    if (!isHtmlInJson(entry)) continue;
    for (const node of jsonpath.query(entry.json, root).nodes) {
      if (typeof node.value !== 'string') continue;
      const { place } = placed(node);
      const page = pages.get(place) ?? { text: node.value, entries: [...entries] };
      page.entries[rule] = { ...entry.inside, kind: entry.kind };
      pages.set(place, page);
    }
  }
  return [...pages.values()].flatMap((page) => itemsInHtml(page.text, page.entries, IS_PAGE.test(page.text)));
}

interface PlacedValue {
  /** Its location in the text, to recognise it again. */
  readonly place: string;
  readonly value: JSONValue;
}

function itemsAt(root: JSONValue, path: string, inside: string | undefined, scalars: boolean): PlacedValue[] {
  const nodes = jsonpath.query(path, root).nodes;
  if (inside === undefined) return nodes.filter((node) => isPost(node, scalars)).map(placed);
  return nodes.flatMap((node) => {
    if (typeof node.value !== 'string') return [];
    const inner = placed(node);
    return itemsAt(JSON.parse(node.value), inside, undefined, scalars).map(({ place, value }) => ({
      place: `${inner.place} ${place}`,
      value,
    }));
  });
}

function placed({ location, value }: JSONPathNode): PlacedValue {
  return { place: JSON.stringify(location), value };
}

/** An object is a post. With `scalars`, so is any element of a list except null. */
function isPost({ location, value }: JSONPathNode, scalars: boolean): boolean {
  if (value === null) return false;
  return (
    (scalars && typeof location.at(-1) === 'number') || (typeof value === 'object' && !Array.isArray(value))
  );
}
