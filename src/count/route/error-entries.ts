/**
 * Distinguishes an error from a single post. Under a status that promises no posts, the object that a selector
 * without a list finds may describe an error: it then has a member that errors have and posts do not.
 */

import { parseJsonPath } from '../json/automaton/path.ts';
import { isHtmlInJson, MAX_SELECTORS, type PostsEntry, type Route } from './schema.ts';

/** The members of error objects on all platforms that have a preset, the most frequent first. */
const ERROR_MEMBERS = ['error', 'errors', 'message', 'detail', 'code'];

/** The entries of a valid route for such statuses; null if they equal those for all others. */
export function entriesOnError({ format, posts }: Route): PostsEntry[] | null {
  if (posts === 'none' || (format !== 'json' && format !== 'jsonp')) return null;
  let room = MAX_SELECTORS - posts.length;
  const seen = new Set<string>();
  const entries = posts.flatMap((entry): PostsEntry[] => {
    if (!('json' in entry) || isHtmlInJson(entry) || entry.kind === 'none') return [entry];
    if (seen.has(entry.json) || !isSingle(entry.json)) return [entry];
    seen.add(entry.json);
    const members = ERROR_MEMBERS.slice(0, Math.max(0, room));
    room -= members.length;
    const errors = members.map((member) => ({
      ...entry,
      where: `${member} is present`,
      kind: 'none' as const,
    }));
    return [...errors, entry];
  });
  return seen.size === 0 ? null : entries;
}

function isSingle(path: string): boolean {
  return parseJsonPath(path).every(({ kind }) => kind === 'name');
}
