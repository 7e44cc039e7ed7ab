/**
 * Which rules hold for a request and its response. The request is matched on a copy in one spelling (`path.ts`);
 * what is forwarded is never touched.
 */

import { pathnameOf, queryOf, spellingsOf } from './path.ts';
import { parametersOf, passesQuery } from './query.ts';
import type { CompiledRoutes, CountedRule, RouteMatch, Rule } from './rule.ts';

/** Paths that are remembered with their rules; a platform's paths with ids in them are without number. */
const MAX_REMEMBERED_PATHS = 4096;
/** A longer target is matched anew each time: what is remembered keeps the whole target in memory. */
const MAX_REMEMBERED_LENGTH = 512;

const NO_RULES: RouteMatch = [];

/**
 * The rules that hold for a request; none where it is not counted.
 * @param target the request's target as it was sent: path and query.
 */
export function matchRoute({ rules, byPath }: CompiledRoutes, method: string, target: string): RouteMatch {
  const pathname = pathnameOf(target);
  let fitting = byPath.get(pathname);
  if (fitting === undefined) {
    const spellings = spellingsOf(pathname);
    fitting = rules.filter(({ pattern }) => spellings.some((spelling) => pattern.test(spelling)));
    if (fitting.length === 0) fitting = NO_RULES;
    if (byPath.size >= MAX_REMEMBERED_PATHS) byPath.clear();
    if (target.length <= MAX_REMEMBERED_LENGTH) byPath.set(pathname, fitting);
  }
  if (fitting.length === 0 || fitting.every(holdsAlways)) return fitting;
  const given = parametersOf(queryOf(target));
  return fitting.filter((rule) => (rule.methods?.has(method) ?? true) && passesQuery(rule.query, given));
}

function holdsAlways({ methods, query }: Rule): boolean {
  return methods === null && query.length === 0;
}

export type MessageKind = 'text' | 'binary';

/**
 * In which messages of a connection that was upgraded a rule's posts come: JSON is text, frames of the AT Protocol are
 * binary. Null where they come in the body of a response.
 */
export function messagesOf({ format }: Pick<Rule, 'format'>): MessageKind | null {
  if (format === 'websocket') return 'text';
  return format === 'firehose' ? 'binary' : null;
}

/** The first rule that holds for a response of this media type. */
export function ruleFor(match: RouteMatch, contentType: string | undefined): Rule | undefined {
  for (const rule of match) {
    if (messagesOf(rule) !== null) continue;
    if (rule.contentType === null || (contentType !== undefined && rule.contentType.test(contentType)))
      return rule;
  }
  return undefined;
}

/** The first rule that holds for the messages of a connection that was upgraded. */
export function messageRuleFor(match: RouteMatch): CountedRule | undefined {
  for (const rule of match) if (rule.format !== 'none' && messagesOf(rule) !== null) return rule;
  return undefined;
}
