/** The source of an item's id in its start tag: an attribute, or the word of an attribute that has a given prefix. */

import { RouteFault } from '../route/problem.ts';
import { isHtmlSpace } from './compound.ts';

export interface IdSource {
  readonly slot: number;
  /** The prefix of the id's word, which is not part of the id; null if the whole attribute is the id. */
  readonly prefix: string | null;
}

const FORM = /^\s*([^\s"'<>/=^~|$*[\]]+)(?:\^=([^\s"'[\]]+))?\s*$/;

/** Parses `data-id` or `class^=post-`. @throws {RouteFault} */
export function parseIdSource(text: string, slotOf: (attribute: string) => number): IdSource {
  const form = FORM.exec(text);
  if (form === null) {
    throw new RouteFault(
      `${JSON.stringify(text)} is not an attribute: use its name, such as data-id, or class^=post- for one word of it`,
    );
  }
  return { slot: slotOf(form[1]!.toLowerCase()), prefix: form[2] ?? null };
}

/** The id in an attribute's value; null if there is none. */
export function idIn(value: string, prefix: string | null): string | null {
  if (prefix === null) return value.trim() || null;
  for (let at = value.indexOf(prefix); at !== -1; at = value.indexOf(prefix, at + 1)) {
    if (at > 0 && !isHtmlSpace(value.charCodeAt(at - 1))) continue;
    const from = at + prefix.length;
    let to = from;
    while (to < value.length && !isHtmlSpace(value.charCodeAt(to))) to++;
    if (to > from) return value.slice(from, to);
  }
  return null;
}
