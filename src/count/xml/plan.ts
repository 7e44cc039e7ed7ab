/**
 * Locates the posts in XML and feeds with a tree of elements that is followed through the document: the paths to the
 * items, and below each item the elements and attributes that its tests and ids read.
 */

import type { RouteProblems } from '../route/problem.ts';
import type { XmlEntry } from '../route/schema.ts';
import { parseWhere } from '../where.ts';
import type { NameTest } from './name.ts';
import { type FieldPath, parseFieldPath, parsePath } from './path.ts';
import { type FieldTest, fieldTest } from './test.ts';

/** An element or attribute that a selector's test or id reads. */
export interface Read {
  /** Index of the selector. */
  readonly index: number;
  /** The test of its text; null for an id. */
  readonly fits: FieldTest['fits'] | null;
  /** If there are several ids, the one with the lowest rank applies, and the first one of that rank. */
  readonly rank: number;
}

export interface XmlNode {
  readonly children: ReadonlyArray<{ readonly name: NameTest; readonly node: XmlNode }>;
  /** The selectors that find an item here, in order. */
  readonly selectors: readonly XmlSelector[];
  /** The tests and ids that read the text of this element. */
  readonly reads: readonly Read[];
  readonly attributes: ReadonlyArray<{ readonly name: NameTest; readonly read: Read }>;
}

export interface XmlSelector {
  readonly index: number;
  readonly test: FieldTest | null;
}

export interface XmlPlan {
  /** The document; its children are the roots that the route promises. */
  readonly document: XmlNode;
  /** Names without prefix of all attributes that are read. */
  readonly attributes: ReadonlySet<string>;
  /** Whether any text is read, so that entities must be decoded. */
  readonly readsText: boolean;
  readonly selectors: number;
}

/**
 * RSS 0.91 to 2.0 (some feeds write items beside the channel, as RSS 1.0 does); RSS 1.0 and 0.90 with items beside
 * the channel; Atom; a single Atom entry.
 */
const FEED_PATHS = [
  '/rss/channel/item',
  '/rss/item',
  '/rdf:RDF/item',
  '/rdf:RDF/rss:item',
  '/feed/entry',
  '/atom:feed/atom:entry',
  '/entry',
  '/atom:entry',
].map(parsePath);

/** Maximum number of alternative places of an id, in order of preference. */
const MAX_IDS = 8;

interface Draft extends XmlNode {
  readonly children: Array<{ readonly name: NameTest; readonly node: Draft }>;
  readonly selectors: XmlSelector[];
  readonly reads: Read[];
  readonly attributes: Array<{ readonly name: NameTest; readonly read: Read }>;
}

/** Compiles the entries of a route for feeds or other XML. */
export function compileXml(entries: readonly XmlEntry[], problems: RouteProblems): XmlPlan {
  const document = draft();
  const attributes = new Set<string>();
  const feedItem = draft();
  if (entries.some((entry) => 'feed' in entry && entry.feed === 'entry')) {
    for (const names of FEED_PATHS) attach(document, names, feedItem);
  }
  const add = (item: Draft, { elements, attribute }: FieldPath, read: Read): void => {
    const element = below(item, elements);
    if (attribute === null) element.reads.push(read);
    else {
      element.attributes.push({ name: attribute, read });
      attributes.add(attribute.local);
    }
  };
  for (const [index, entry] of entries.entries()) {
    if ('feed' in entry && entry.feed !== 'entry') continue;
    const { where, id } = entry;
    const item =
      'feed' in entry ? feedItem : problems.read([index, 'xml'], () => below(document, parsePath(entry.xml)));
    const test = where === undefined ? null : problems.read([index, 'where'], () => testOf(where));
    const ids =
      id?.split('|').map((one) => problems.read([index, 'id'], () => parseFieldPath(one.trim()))) ?? [];
    if (ids.length > MAX_IDS)
      problems.add([index, 'id'], `names ${ids.length} places; the maximum is ${MAX_IDS}`);
    if (item === null) continue;
    if (test !== null) add(item, test.field, { index, fits: test.test.fits, rank: 0 });
    for (const [rank, one] of ids.entries()) if (one !== null) add(item, one, { index, fits: null, rank });
    item.selectors.push({ index, test: test?.test ?? null });
  }
  const readsText = entries.some(({ where, id }) => where !== undefined || id !== undefined);
  return { document, attributes, readsText, selectors: entries.length };
}

function testOf(text: string): { readonly field: FieldPath; readonly test: FieldTest } {
  const where = parseWhere(text);
  // A dot is part of a name here; a slash separates levels.
  return { field: parseFieldPath(where.member.join('.')), test: fieldTest(where) };
}

function draft(): Draft {
  return { children: [], selectors: [], reads: [], attributes: [] };
}

/** The node at the end of the names, created if there is none. */
function below(from: Draft, names: readonly NameTest[]): Draft {
  let node = from;
  for (const name of names) {
    const isSame = (child: { name: NameTest }) =>
      child.name.prefix === name.prefix && child.name.local === name.local;
    let child = node.children.find(isSame);
    if (child === undefined) {
      child = { name, node: draft() };
      node.children.push(child);
    }
    node = child.node;
  }
  return node;
}

function attach(document: Draft, names: readonly NameTest[], item: Draft): void {
  below(document, names.slice(0, -1)).children.push({ name: names.at(-1)!, node: item });
}
