/** The slow, obvious count over the DOM of @xmldom/xmldom that the streaming counter must equal. */

import { DOMParser, type Document, type Element, Node } from '@xmldom/xmldom';

const ATOM = ['http://www.w3.org/2005/Atom', 'http://purl.org/atom/ns#'];
const RSS = 'http://purl.org/rss/1.0/';
const THR = 'http://purl.org/syndication/thread/1.0';

/** A test or an id as the oracle reads it: the contents of an item, in order. */
export interface SlowSelector {
  readonly passes: (item: Element) => boolean;
  readonly id: (item: Element) => string | undefined;
}

export interface SlowCount {
  readonly isShape: boolean;
  readonly found: readonly number[];
  readonly ids: readonly string[];
}

export function slowCount(text: string, selectors: readonly SlowSelector[]): SlowCount {
  const document = new DOMParser({
    onError: (level, message) => {
      if (level !== 'warning') throw new Error(message);
    },
  }).parseFromString(text, 'text/xml');
  const items = itemsOf(document);
  if (items === undefined) return { isShape: true, found: [], ids: [] };
  const found: number[] = [];
  const ids: string[] = [];
  for (const item of items) {
    const index = selectors.findIndex(({ passes }) => passes(item));
    if (index < 0) continue;
    found.push(index);
    const id = selectors[index]!.id(item);
    if (id !== undefined) ids.push(id);
  }
  return { isShape: false, found, ids };
}

function itemsOf(document: Document): Element[] | undefined {
  const root = document.documentElement!;
  const name = root.localName!;
  if (name === 'rss') return childrenOf(root, 'channel').flatMap((channel) => childrenOf(channel, 'item'));
  if (name === 'RDF') return elementsOf(root).filter((e) => e.localName === 'item' && e.namespaceURI === RSS);
  const isAtom = ATOM.includes(root.namespaceURI!);
  if (name === 'feed' && isAtom) return childrenOf(root, 'entry');
  return name === 'entry' && isAtom ? [root] : undefined;
}

function elementsOf(parent: Element): Element[] {
  return [...parent.childNodes].filter((node): node is Element => node.nodeType === Node.ELEMENT_NODE);
}

/** Those of the parent's namespace. */
function childrenOf(parent: Element, name: string): Element[] {
  return elementsOf(parent).filter(
    (element) => element.localName === name && (element.namespaceURI ?? '') === (parent.namespaceURI ?? ''),
  );
}

/** Trimmed texts of the children of a name; `thr:` is the one prefix that is known here. */
export function textsOf(item: Element, name: string): string[] {
  const local = name.replace('thr:', '');
  const elements = name.startsWith('thr:')
    ? elementsOf(item).filter((element) => element.localName === local && element.namespaceURI === THR)
    : childrenOf(item, local);
  return elements.map((element) => element.textContent!.trim());
}

export function attributesOf(item: Element, name: string, attribute: string): string[] {
  return childrenOf(item, name).flatMap((element) => element.getAttributeNode(attribute)?.value.trim() ?? []);
}
