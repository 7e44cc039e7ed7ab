/** Finds the posts of a page in the tree that a browser would build. */

import { load } from 'cheerio';
import type { JSONValue } from 'json-p3';
import { spelledTypes } from '../html/json-ld.ts';
import type { PostsEntry } from '../route/schema.ts';
import type { FoundItem } from './found-item.ts';
import { memberAtPath, scalarText } from './where.ts';

type Page = ReturnType<typeof load>;
type Element = ReturnType<Page>[number];

interface PageItem extends FoundItem {
  readonly isFallback: boolean;
  /** Null for a JSON-LD object. */
  readonly element: Element | null;
}

/** @param isDocument true for a page, false for a fragment. */
export function itemsInHtml(body: string, entries: readonly PostsEntry[], isDocument = true): FoundItem[] {
  // The content of `noscript` is parsed as elements. A fragment is parsed as if a script inserted it.
  const page = load(body, { scriptingEnabled: false }, isDocument);
  const kindOf = ({ rule }: FoundItem) => entries[rule]!.kind;
  const found = withoutCopies(page, allItems(page, entries), kindOf);
  const kinds = new Set(found.filter(({ isFallback }) => !isFallback).map(kindOf));
  return found.filter((item) => !item.isFallback || !kinds.has(kindOf(item)));
}

function allItems(page: Page, entries: readonly PostsEntry[]): PageItem[] {
  const seen = new Set<unknown>();
  return entries.flatMap((entry, rule): PageItem[] => {
    if ('jsonld' in entry)
      return idsInScripts(page, entry).map((id) => ({ rule, id, isFallback: false, element: null }));
    if (!('html' in entry)) return [];
    return [...page(entry.html)].flatMap((element): PageItem[] => {
      if (entry.not !== undefined && page(element).closest(entry.not).length > 0) return [];
      if (seen.has(element)) return [];
      seen.add(element);
      return [{ rule, id: idOf(page(element), entry.id), isFallback: entry.fallback, element }];
    });
  });
}

/** Removes wrappers of the same post, and items that `noscript` repeats. */
function withoutCopies(page: Page, items: PageItem[], kindOf: (item: FoundItem) => string): PageItem[] {
  const isSame = (a: PageItem, b: PageItem) => a.id !== undefined && a.id === b.id && kindOf(a) === kindOf(b);
  const single = items.filter(
    (outer) =>
      !items.some(
        (inner) => !inner.isFallback && isSame(outer, inner) && isInside(inner.element, outer.element),
      ),
  );
  const isRepeatable = ({ element, isFallback }: PageItem) =>
    element !== null && !isFallback && page(element).closest('noscript').length > 0;
  const outside = single.filter((item) => !isRepeatable(item) && item.element !== null && !item.isFallback);
  return single.filter((item, index) => {
    if (!isRepeatable(item)) return true;
    if (item.id === undefined) return !outside.some((other) => kindOf(other) === kindOf(item));
    const before = single.slice(0, index).filter(isRepeatable);
    return ![...outside, ...before].some(({ id }) => id === item.id);
  });
}

function isInside(inner: Element | null, outer: Element | null): boolean {
  for (let at = inner?.parent ?? null; at !== null; at = at.parent) if (at === outer) return true;
  return false;
}

/** The ids of all items in the scripts; undefined for an item without one. */
function idsInScripts(
  page: Page,
  entry: Extract<PostsEntry, { jsonld: unknown }>,
): Array<string | undefined> {
  const types = new Set(spelledTypes(entry.jsonld));
  return [...page('script[type="application/ld+json"]:not(noscript *)')].flatMap((script) => {
    const text = page(script).text().trim();
    const items = text === '' ? [] : objectsIn(JSON.parse(text), (value) => isOfType(value, types));
    return items.map((item) => scalarText(memberAtPath(item, entry.id)));
  });
}

/** All objects at any depth for which `isWanted` returns true. */
function objectsIn(value: JSONValue, isWanted: (value: JSONValue) => boolean): JSONValue[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap((member) => objectsIn(member, isWanted));
  return isWanted(value) ? [value, ...below] : below;
}

function isOfType(value: unknown, types: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null || !('@type' in value)) return false;
  const type = value['@type'];
  return (Array.isArray(type) ? type : [type]).some((one) => types.has(one));
}

interface Attributes {
  attr(name: string): string | undefined;
}

/** `data-id`, or `class^=post-`: the first word of the attribute with this prefix, without the prefix. */
function idOf(element: Attributes, id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const [name = '', beginning] = id.split('^=');
  const value = element.attr(name);
  if (beginning === undefined) return value;
  const word = value?.split(/\s+/).find((one) => one.startsWith(beginning));
  return word?.slice(beginning.length);
}
