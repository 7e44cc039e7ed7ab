/**
 * Parses paths of element names: `/rss/channel/item` from the root to an item, and paths from an item to the fields
 * that are read: `guid`, `struct/member/name`, `link@href`, `@rdf:about`.
 */

import { type NameTest, parseName } from './name.ts';

/** Maximum number of names; real paths have two to ten. */
const MAX_NAMES = 32;

export type XmlPathResult =
  | { readonly ok: true; readonly names: readonly NameTest[] }
  | { readonly ok: false; readonly message: string };

/** Parses the path from the root to the items. The error message contains reason and fix. */
export function parsePath(text: string): XmlPathResult {
  if (!text.startsWith('/')) return refuse(text, 'a path from the root, such as /rss/channel/item');
  if (text.includes('//')) return refuse(text, 'one name for every level; // is not supported in a stream');
  return readNames(text, text.slice(1));
}

/** The path from an item to an element, or to an attribute. */
export interface FieldPath {
  readonly elements: readonly NameTest[];
  readonly attribute: NameTest | null;
}

export type FieldResult =
  | { readonly ok: true; readonly field: FieldPath }
  | { readonly ok: false; readonly message: string };

/** Parses the field of a test or an id. The error message contains reason and fix. */
export function parseFieldPath(text: string): FieldResult {
  const [path = '', attributeText, ...more] = text.split('@');
  const attribute = attributeText === undefined ? null : parseName(attributeText);
  if (attribute === undefined || more.length > 0) {
    return refuse(text, 'one attribute after the @: link@href, or @rdf:about for an attribute of the item');
  }
  if (path === '' && attribute !== null) return { ok: true, field: { elements: [], attribute } };
  const names = readNames(text, path);
  return names.ok ? { ok: true, field: { elements: names.names, attribute } } : names;
}

function readNames(text: string, path: string): XmlPathResult {
  const parts = path.split('/');
  if (parts.length > MAX_NAMES) return refuse(text, `at most ${MAX_NAMES} names: shorten the path`);
  const names: NameTest[] = [];
  for (const part of parts) {
    const name = parseName(part);
    if (name === undefined) {
      return refuse(
        text,
        `names of elements separated by /, but ${JSON.stringify(part)} is not a name: name every level, without * and [ ]`,
      );
    }
    names.push(name);
  }
  return { ok: true, names };
}

function refuse(text: string, wanted: string): { ok: false; message: string } {
  return { ok: false, message: `${JSON.stringify(text)} is not valid, expected ${wanted}` };
}
