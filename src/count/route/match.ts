/**
 * Which rules hold for a request and its response. The request is matched on a copy in one spelling (`path.ts`);
 * what is forwarded is never touched.
 */

import { pathnameOf, queryOf, spellingsOf } from './path.ts';
import { hasOnlyPassing, isAmbiguous, type Parameter, parametersOf, passesQuery } from './query.ts';
import type { Candidates, CompiledRoutes, CountedRule, RouteMatch, Rule } from './rule.ts';

/** Paths that are remembered with their rules; a platform's paths with ids in them are without number. */
const MAX_REMEMBERED_PATHS = 4096;
/** A longer target is matched each time: what is remembered keeps the whole target in memory. */
const MAX_REMEMBERED_LENGTH = 512;

const NO_RULES: Candidates = { rules: [], mayHavePosts: false, isFixed: true };

/** @param target the request's target as it was sent: path and query. */
export function candidatesFor({ rules, byPath }: CompiledRoutes, target: string): Candidates {
  const pathname = pathnameOf(target);
  let candidates = byPath.get(pathname);
  if (candidates === undefined) {
    const spellings = spellingsOf(pathname);
    candidates = candidatesOf(
      rules.filter(({ pattern }) => spellings.some((spelling) => pattern.test(spelling))),
    );
    if (byPath.size >= MAX_REMEMBERED_PATHS) byPath.clear();
    if (target.length <= MAX_REMEMBERED_LENGTH) byPath.set(pathname, candidates);
  }
  return candidates;
}

function candidatesOf(rules: readonly Rule[]): Candidates {
  if (rules.length === 0) return NO_RULES;
  // A rule that takes every response ends the list.
  const last = rules.findIndex((rule) => holdsAlways(rule) && rule.contentType === null && isForBodies(rule));
  const reached = last === -1 ? rules : rules.slice(0, last + 1);
  return {
    rules,
    mayHavePosts: reached.some(({ format }) => format !== 'none'),
    isFixed: rules.every(holdsAlways),
  };
}

function holdsAlways({ methods, query }: Rule): boolean {
  return methods === null && query.length === 0;
}

/** The packets of socket.io come in bodies, too, until the connection is upgraded. */
function isForBodies(rule: Rule): boolean {
  return rule.format === 'socketio' || messagesOf(rule) === null;
}

/**
 * The rules that hold for a request, in order; none if it is not counted.
 * @param methods the request's own, and those by which it asks to be treated.
 * @param given the parameters of query and form.
 * @returns `ambiguous` if a parameter has several values and only some of them select a rule with posts: platforms do
 *   not agree which of them is valid.
 */
export function rulesFor(
  { rules, isFixed }: Candidates,
  methods: readonly string[],
  given: readonly Parameter[],
): RouteMatch | 'ambiguous' {
  if (isFixed) return rules;
  const match = rules.filter((rule) => holds(rule, methods, given));
  const counted = match.filter(({ format }) => format !== 'none');
  return isAmbiguous(
    counted.map(({ query }) => query),
    given,
  )
    ? 'ambiguous'
    : match;
}

/**
 * A request may be read in several ways: by its own method or the one that it asks for, by the first or the last value
 * of a parameter. A rule with posts holds if it does in one of them, a rule without posts if it does in all.
 */
function holds(
  { format, methods, query }: Rule,
  asked: readonly string[],
  given: readonly Parameter[],
): boolean {
  const fitsMethod = (method: string) => methods === null || methods.has(method);
  return format === 'none'
    ? asked.every(fitsMethod) && passesQuery(query, given) && hasOnlyPassing(query, given)
    : asked.some(fitsMethod) && passesQuery(query, given);
}

/** The rules that hold for a request without a form; an ambiguous one has none. */
export function matchRoute(routes: CompiledRoutes, method: string, target: string): RouteMatch {
  const match = rulesFor(candidatesFor(routes, target), [method], parametersOf(queryOf(target)));
  return match === 'ambiguous' ? NO_RULES.rules : match;
}

/** `packets`: text, beside which binary messages are attachments that hold no posts. */
export type MessageKind = 'text' | 'binary' | 'packets';

/**
 * In which messages of a connection that was upgraded a rule's posts come: JSON is text, frames of the AT Protocol are
 * binary. Null where they come in the body of a response.
 */
export function messagesOf({ format }: Pick<Rule, 'format'>): MessageKind | null {
  if (format === 'websocket') return 'text';
  if (format === 'socketio') return 'packets';
  return format === 'firehose' ? 'binary' : null;
}

/** The first rule that holds for a response of this media type. */
export function ruleFor(match: RouteMatch, contentType: string | undefined): Rule | undefined {
  for (const rule of match) {
    if (!isForBodies(rule)) continue;
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
