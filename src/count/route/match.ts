/**
 * Selects the rules for a request and its response. The request is matched as a normalised copy (`path.ts`); the
 * forwarded request stays unchanged.
 */

import { normalPathsOf, pathnameOf, queryOf } from './path.ts';
import { hasOnlyPassing, isAmbiguous, type Parameter, parametersOf, passesQuery } from './query.ts';
import type { Candidates, CompiledRoutes, CountedRule, RouteMatch, Rule } from './rule.ts';

/** Maximum number of paths whose rules are cached; a platform has any number of paths with ids. */
const MAX_REMEMBERED_PATHS = 4096;
/** A longer target is matched each time, because the cache would keep the whole target in memory. */
const MAX_REMEMBERED_LENGTH = 512;

const NO_RULES: Candidates = { rules: [], mayHavePosts: false, isFixed: true };

/** @param target the request's target as it was sent: path and query. */
export function candidatesFor({ rules, byPath }: CompiledRoutes, target: string): Candidates {
  const pathname = pathnameOf(target);
  let candidates = byPath.get(pathname);
  if (candidates === undefined) {
    const spellings = normalPathsOf(pathname);
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

/** The packets of socket.io are also in bodies until the connection is upgraded. */
function isForBodies(rule: Rule): boolean {
  return rule.format === 'socketio' || messagesOf(rule) === null;
}

/**
 * The matching rules of a request, in order; none if it is not counted.
 * @param methods the request's own, and those by which it overrides it.
 * @param given the parameters of query and form.
 * @returns `ambiguous` if a parameter has several values and only some of them select a rule with posts, because
 *   platforms disagree about which value applies.
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
 * A request may be interpreted in several ways: by its own method or the override, by the first or the last value of
 * a parameter. A rule with posts matches if one interpretation matches; a rule without posts if all do.
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

/** The rules for a request without a form; none if it is ambiguous. */
export function matchRoute(routes: CompiledRoutes, method: string, target: string): RouteMatch {
  const match = rulesFor(candidatesFor(routes, target), [method], parametersOf(queryOf(target)));
  return match === 'ambiguous' ? NO_RULES.rules : match;
}

/** `packets`: text messages; binary messages are attachments that hold no posts. */
export type MessageKind = 'text' | 'binary' | 'packets';

/**
 * The kind of messages on an upgraded connection that contain a rule's posts: JSON is text, AT Protocol frames are
 * binary. Null if its posts are in the body of a response.
 */
export function messagesOf({ format }: Pick<Rule, 'format'>): MessageKind | null {
  if (format === 'websocket') return 'text';
  if (format === 'socketio') return 'packets';
  return format === 'firehose' ? 'binary' : null;
}

/** The first rule that matches a response of this media type. */
export function ruleFor(match: RouteMatch, contentType: string | undefined): Rule | undefined {
  for (const rule of match) {
    if (!isForBodies(rule)) continue;
    if (rule.contentType === null || (contentType !== undefined && rule.contentType.test(contentType)))
      return rule;
  }
  return undefined;
}

/** The first rule for the messages of an upgraded connection. */
export function messageRuleFor(match: RouteMatch): CountedRule | undefined {
  for (const rule of match) if (rule.format !== 'none' && messagesOf(rule) !== null) return rule;
  return undefined;
}
