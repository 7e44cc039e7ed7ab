/**
 * Parses paths of element names: `/rss/channel/item` from the root to an item, and paths from an item to the fields
 * that are read: `guid`, `struct/member/name`, `link@href`, `@rdf:about`.
 */

import { RouteFault } from '../route/problem.ts';
import { type NameTest, parseName } from './name.ts';

/** Maximum number of names; real paths have two to ten. */
const MAX_NAMES = 32;

/** Parses the path from the root to the items. @throws {RouteFault} with reason and fix. */
export function parsePath(text: string): readonly NameTest[] {
  if (!text.startsWith('/')) throw fault(text, 'a path from the root, such as /rss/channel/item');
  if (text.includes('//')) throw fault(text, 'one name for every level; // is not supported in a stream');
  return readNames(text, text.slice(1));
}

/** The path from an item to an element, or to an attribute. */
export interface FieldPath {
  readonly elements: readonly NameTest[];
  readonly attribute: NameTest | null;
}

/** Parses the field of a test or an id. @throws {RouteFault} with reason and fix. */
export function parseFieldPath(text: string): FieldPath {
  const [path = '', attributeText, ...more] = text.split('@');
  const attribute = attributeText === undefined ? null : parseName(attributeText);
  if (attribute === undefined || more.length > 0) {
    throw fault(text, 'one attribute after the @: link@href, or @rdf:about for an attribute of the item');
  }
  return { elements: path === '' && attribute !== null ? [] : readNames(text, path), attribute };
}

function readNames(text: string, path: string): readonly NameTest[] {
  const parts = path.split('/');
  if (parts.length > MAX_NAMES) throw fault(text, `at most ${MAX_NAMES} names: shorten the path`);
  return parts.map((part) => {
    const name = parseName(part);
    if (name !== undefined) return name;
    throw fault(
      text,
      `names of elements separated by /, but ${JSON.stringify(part)} is not a name: name every level, without * and [ ]`,
    );
  });
}

function fault(text: string, wanted: string): RouteFault {
  return new RouteFault(`${JSON.stringify(text)} is not valid, expected ${wanted}`);
}
