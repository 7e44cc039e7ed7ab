/**
 * Where posts are found: the route rules of the configuration, and which of them holds for a request. The request
 * is matched on a copy in one spelling (`route-path.ts`); what is forwarded is never touched.
 */

import { z } from 'zod';
import { parseJsonPath } from './json-path.ts';
import { type JsonPlan, MAX_SELECTORS, type PostSelector, planJson } from './json-plan.ts';
import { type PathPattern, parsePattern, pathnameOf, queryOf, spellingsOf } from './route-path.ts';
import { compileQuery, passesQuery, type QueryTest } from './route-query.ts';
import { parseWhere } from './where.ts';

const postsSchema = z
  .strictObject({
    json: z
      .string()
      .describe('JSONPath of names and [*] to the posts: $.data[*], $[*], or $.data for a single one.'),
    where: z
      .string()
      .optional()
      .describe('Test on a member of the item: kind == "t3", data.kind != null, type in ["post", "reply"].'),
  })
  .describe('Posts at one place of a JSON body.');

export const routeSchema = z
  .strictObject({
    name: z.string().min(1).optional().describe('Name in metrics and logs; the path, where there is none.'),
    path: z
      .string()
      .startsWith('/')
      .describe('Path, with * for one segment and ** at the end for the rest. Letter case is ignored.'),
    methods: z
      .array(z.string().regex(/^[A-Z]+$/, 'must be in capital letters'))
      .min(1)
      .optional()
      .describe('Methods; all where there are none.'),
    query: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe(
        'Query parameters that must be there with this value; a value that begins with / is a path as above.',
      ),
    contentType: z
      .string()
      .regex(/^[\w.+-]+\/(?:\*(?:\+[\w.-]+)?|[\w.+-]+)$/, 'must be a media type such as application/json')
      .optional()
      .describe(
        'The rule holds for responses of this media type only: application/json, application/*+json, text/*.',
      ),
    posts: z
      .union([z.literal('none'), z.array(postsSchema).min(1).max(MAX_SELECTORS)])
      .describe('Where posts are found in the body, or "none" where there are none.'),
  })
  .describe('Where posts are found in the responses of a route.');

export type Route = z.output<typeof routeSchema>;

interface RuleHead {
  readonly name: string;
  readonly pattern: PathPattern;
  readonly methods: ReadonlySet<string> | null;
  readonly query: readonly QueryTest[];
  readonly contentType: RegExp | null;
}

/** A rule with posts, in one of the formats. */
export type CountedRule = RuleHead & { readonly format: 'json'; readonly plan: JsonPlan };
export type Rule = CountedRule | (RuleHead & { readonly format: 'none' });

/** The rules that hold for a request, in order; which one counts may hang on the response's media type. */
export type RouteMatch = readonly Rule[];

export interface CompiledRoutes {
  readonly rules: readonly Rule[];
  /** The rules that fit by path alone, by path as it was sent. */
  readonly byPath: Map<string, RouteMatch>;
}

interface RouteProblem {
  /** The way to the faulty field, from the list of routes on: `[0, 'posts', 1, 'where']`. */
  readonly at: ReadonlyArray<string | number>;
  /** Reason and mend. */
  readonly message: string;
}

export type CompileResult =
  | { readonly ok: true; readonly routes: CompiledRoutes }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };

/** Paths that are remembered with their rules; a platform's paths with ids in them are without number. */
const MAX_REMEMBERED_PATHS = 4096;
/** A longer target is matched anew each time: what is remembered keeps the whole target in memory. */
const MAX_REMEMBERED_LENGTH = 512;

const NO_RULES: RouteMatch = [];

/** Reads all rules, or says all that is wrong with them. */
export function compileRoutes(routes: readonly Route[]): CompileResult {
  const problems: RouteProblem[] = [];
  const rules = routes.flatMap((route, index): Rule[] => {
    const pattern = parsePattern(route.path);
    if (typeof pattern === 'string') problems.push({ at: [index, 'path'], message: pattern });
    const query = compileQuery(route.query ?? {});
    if (!Array.isArray(query)) problems.push({ at: [index, 'query', query.name], message: query.message });
    const selectors = route.posts === 'none' ? [] : compileSelectors(route.posts, index, problems);
    if (typeof pattern === 'string' || !Array.isArray(query)) return [];
    const head: RuleHead = {
      name: route.name ?? route.path,
      pattern,
      methods: route.methods === undefined ? null : new Set(route.methods),
      query,
      contentType: route.contentType === undefined ? null : mediaTypeForm(route.contentType),
    };
    if (selectors.length === 0) return [{ ...head, format: 'none' }];
    return [{ ...head, format: 'json', plan: planJson(selectors) }];
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, routes: { rules, byPath: new Map() } };
}

function compileSelectors(
  posts: ReadonlyArray<z.output<typeof postsSchema>>,
  route: number,
  problems: RouteProblem[],
): PostSelector[] {
  return posts.flatMap(({ json, where }, index) => {
    const path = parseJsonPath(json);
    if (!path.ok) problems.push({ at: [route, 'posts', index, 'json'], message: path.message });
    const test = where === undefined ? undefined : parseWhere(where);
    if (test?.ok === false) problems.push({ at: [route, 'posts', index, 'where'], message: test.message });
    if (!path.ok || test?.ok === false) return [];
    return [test === undefined ? { path: path.steps } : { path: path.steps, where: test.where }];
  });
}

function mediaTypeForm(mediaType: string): RegExp {
  const escaped = mediaType.replace(/[.+]/g, '\\$&').replace('*', '[^;\\s]+');
  return new RegExp(`^\\s*${escaped}\\s*(?:;|$)`, 'i');
}

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
  const query = queryOf(target);
  return fitting.filter((rule) => (rule.methods?.has(method) ?? true) && passesQuery(rule.query, query));
}

function holdsAlways({ methods, query }: Rule): boolean {
  return methods === null && query.length === 0;
}

/** The first rule that holds for a response of this media type. */
export function ruleFor(match: RouteMatch, contentType: string | undefined): Rule | undefined {
  for (const rule of match) {
    if (rule.contentType === null || (contentType !== undefined && rule.contentType.test(contentType)))
      return rule;
  }
  return undefined;
}
