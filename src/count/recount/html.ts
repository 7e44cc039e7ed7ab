/** Finds the posts of a page in the tree that a browser would make of it. */

import { load } from 'cheerio';
import { spelledTypes } from '../html/json-ld.ts';
import type { PostsEntry } from '../route/schema.ts';
import type { FoundItem } from './found-item.ts';
import { objectsIn } from './json.ts';
import { memberOf, scalarText } from './where.ts';

export function itemsInHtml(body: string, entries: readonly PostsEntry[]): FoundItem[] {
  const page = load(body);
  const seen = new Set<unknown>();
  const found: Array<FoundItem & { readonly otherwise: boolean }> = [];
  for (const [rule, entry] of entries.entries()) {
    if ('jsonld' in entry) {
      for (const id of idsInScripts(page, entry)) found.push({ rule, id, otherwise: false });
    }
    if (!('html' in entry)) continue;
    for (const element of page(entry.html)) {
      if (entry.not !== undefined && page(element).closest(entry.not).length > 0) continue;
      if (seen.has(element)) continue;
      seen.add(element);
      found.push({ rule, id: idOf(page(element), entry.id), otherwise: entry.otherwise });
    }
  }
  const kindOf = ({ rule }: FoundItem) => entries[rule]!.kind;
  const kinds = new Set(found.filter(({ otherwise }) => !otherwise).map(kindOf));
  return found.filter((item) => !item.otherwise || !kinds.has(kindOf(item)));
}

/** The ids of all items in the scripts, undefined for one without. */
function idsInScripts(
  page: ReturnType<typeof load>,
  entry: Extract<PostsEntry, { jsonld: unknown }>,
): Array<string | undefined> {
  const types = new Set(spelledTypes(entry.jsonld));
  return [...page('script[type="application/ld+json"]')].flatMap((script) => {
    const text = page(script).text().trim();
    const items = text === '' ? [] : objectsIn(JSON.parse(text), (value) => isOfType(value, types));
    return items.map((item) => scalarText(memberOf(item, entry.id)));
  });
}

function isOfType(value: unknown, types: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null || !('@type' in value)) return false;
  const type = value['@type'];
  return (Array.isArray(type) ? type : [type]).some((one) => types.has(one));
}

interface Attributes {
  attr(name: string): string | undefined;
}

/** `data-id`, or `class^=post-`: the first word of the attribute that begins so, without the beginning. */
function idOf(element: Attributes, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const [name = '', beginning] = id.split('^=');
  const value = element.attr(name);
  if (beginning === undefined) return value;
  const word = value?.split(/\s+/).find((one) => one.startsWith(beginning));
  return word?.slice(beginning.length);
}
