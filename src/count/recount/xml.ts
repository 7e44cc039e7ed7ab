/** Finds the posts in XML that is parsed into a tree. */

import { DOMParser, type Document, type Element, Node } from '@xmldom/xmldom';
import type { PostsEntry } from '../route/schema.ts';
import { parseWhere } from '../where.ts';
import { type FoundName, isAttributeMeant, isElementMeant, parseName } from '../xml/name.ts';
import { parseFieldPath } from '../xml/path.ts';
import { fieldTest } from '../xml/test.ts';
import type { FoundItem } from './found-item.ts';

type XmlEntry = Extract<PostsEntry, { feed: unknown } | { xml: unknown }>;

/** Throws if the text is not XML, or not a feed where the route promises one. */
export function itemsInXml(text: string, entries: readonly PostsEntry[]): FoundItem[] {
  const document = new DOMParser({
    onError: (level, message) => {
      if (level !== 'warning') throw new Error(message);
    },
  }).parseFromString(text, 'text/xml');
  const seen = new Set<Element>();
  return entries.flatMap((entry, rule): FoundItem[] => {
    if (!('feed' in entry) && !('xml' in entry)) return [];
    if ('feed' in entry && entry.feed !== 'entry') return [];
    const items = 'feed' in entry ? entriesOf(document) : elementsAt(document, entry.xml);
    return items.flatMap((item) => {
      if (seen.has(item) || !passes(item, entry)) return [];
      seen.add(item);
      return [{ rule, id: idOf(item, entry) }];
    });
  });
}

/** The entries of any kind of feed. */
function entriesOf(document: Document): Element[] {
  const root = document.documentElement!;
  switch (root.localName) {
    case 'rss':
      return [...below(below([root], 'channel'), 'item'), ...below([root], 'item')];
    case 'RDF':
      return elementsOf(root).filter(({ localName }) => localName === 'item');
    case 'feed':
      return below([root], 'entry');
    case 'entry':
      return [root];
    default:
      throw new Error(`The root ${root.nodeName} is not that of a feed.`);
  }
}

function elementsAt(document: Document, path: string): Element[] {
  const [rootName = '', ...names] = path.slice(1).split('/');
  const root = document.documentElement!;
  const isRoot = isElementMeant(parseName(rootName)!, nameOf(root), '');
  return names.reduce(below, isRoot ? [root] : []);
}

function below(parents: readonly Element[], name: string): Element[] {
  const test = parseName(name)!;
  return parents.flatMap((parent) =>
    elementsOf(parent).filter((element) => isElementMeant(test, nameOf(element), parent.namespaceURI ?? '')),
  );
}

function elementsOf(parent: Element): Element[] {
  return [...parent.childNodes].filter((node): node is Element => node.nodeType === Node.ELEMENT_NODE);
}

function nameOf(node: Pick<Element, 'prefix' | 'localName' | 'namespaceURI'>): FoundName {
  return {
    prefix: node.prefix ?? '',
    local: node.localName ?? '',
    namespace: node.namespaceURI ?? (node.prefix === null ? '' : undefined),
  };
}

function passes(item: Element, { where }: XmlEntry): boolean {
  if (where === undefined) return true;
  const parsed = parseWhere(where);
  const test = fieldTest(parsed);
  const texts = textsAt(item, parsed.member.join('.'));
  return test.passes(texts.length > 0, texts.some(test.fits));
}

/** The first place with a value, in order of preference. */
function idOf(item: Element, { id }: XmlEntry): string | undefined {
  return id
    ?.split('|')
    .map((place) => textsAt(item, place.trim()).find((text) => text !== ''))
    .find((text) => text !== undefined);
}

/** The texts in the item at `guid`, `member/name`, `link@href` or `@rdf:about`. */
function textsAt(item: Element, place: string): string[] {
  const { attribute } = parseFieldPath(place);
  const [path = ''] = place.split('@');
  const elements = path === '' ? [item] : path.split('/').reduce(below, [item]);
  if (attribute === null) return elements.map(({ textContent }) => (textContent ?? '').trim());
  return elements.flatMap((element) =>
    [...element.attributes]
      .filter((found) => isAttributeMeant(attribute, nameOf(found)))
      .map(({ value }) => value.trim()),
  );
}
