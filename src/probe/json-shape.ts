/** Proposes selectors for a JSON body by its structure alone. */

import {
  idMemberOf,
  isObject,
  type JsonObject,
  kindsOf,
  likeness,
  listsIn,
  type ObjectList,
  textShare,
} from './json-lists.ts';
import type { Proposal } from './page.ts';

/** A list in which a smaller share of items contains text is a list of users, links or tags. */
const MIN_TEXT_SHARE = 0.5;

/** @param format how the texts were framed. */
export function jsonProposal(texts: readonly unknown[], format: string): Proposal | null {
  // In a stream of frames each frame is one item or contains lists.
  const lists = listsIn(texts);
  const whole = wholeObjects(texts);
  if (whole !== null) lists.push(whole);
  const [best, ...others] = lists
    .filter(({ items }) => textShare(items) >= MIN_TEXT_SHARE)
    .sort((a, b) => scoreOf(b) - scoreOf(a));
  if (best === undefined) return null;
  const id = idMemberOf(best.items);
  return {
    format,
    posts: [{ json: best.path, ...(id === undefined ? {} : { id }) }],
    doubts: [...doubtsOf(best, id), ...others.slice(0, 5).map((other) => doubtOfOther(best, other))],
  };
}

/** The body or frame itself as one post, or a member of it that is an object. */
function wholeObjects(texts: readonly unknown[]): ObjectList | null {
  const roots = texts.filter(isObject);
  if (roots.length === 0) return null;
  for (const name of ['data', 'post', 'article', 'item', 'object', 'status']) {
    const members = roots.map((root) => root[name]).filter(isObject);
    if (members.length === roots.length && (name !== 'status' || members.every(isPost)))
      return { path: `$.${name}`, items: members };
  }
  return { path: '$', items: roots };
}

/** A status object has a message but no id. */
function isPost(object: JsonObject): boolean {
  return idMemberOf([object]) !== undefined;
}

/** More items with text are more likely posts; deeper lists are more likely inside of a post. */
function scoreOf(list: ObjectList): number {
  const { path, items } = list;
  const lists = path.split('[*]').length - 1;
  if (lists === 0) return 0;
  return (likeness(list) * textShare(items) * items.length) / 4 ** (lists - 1);
}

function doubtsOf({ path, items }: ObjectList, id: string | undefined): string[] {
  const doubts: string[] = [];
  const share = textShare(items);
  if (share < 1) {
    const without = Math.round((1 - share) * items.length);
    doubts.push(`${without} of ${items.length} items at ${path} contain no text that looks like a post`);
  }
  if (id === undefined)
    doubts.push(`no id was found in the items at ${path}: unique posts cannot be counted`);
  const kinds = kindsOf(items);
  if (kinds !== null) {
    const values = [...kinds.values].map(([value, times]) => `${value} (${times})`).join(', ');
    doubts.push(`items are of several kinds by ${kinds.member}: ${values}; select posts by "where"`);
  }
  return doubts;
}

function doubtOfOther(best: ObjectList, { path, items }: ObjectList): string {
  const isInside = path.startsWith(best.path);
  return isInside
    ? `${items.length} items at ${path} may be posts inside of posts (comments, quotes): add them with their kind`
    : `${items.length} items at ${path} may be posts too`;
}
