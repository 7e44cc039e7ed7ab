/** Compiles the routes of the configuration into rules, or returns all errors in them. */

import { compileRecords } from '../atproto/plan.ts';
import { compileCsv } from '../csv/plan.ts';
import { compileFeed } from '../feed/plan.ts';
import { checkDocuments, compileGraphql } from '../graphql/plan.ts';
import { compileHtml } from '../html/plan.ts';
import { compileJson } from '../json/compile.ts';
import { type Kinds, withKinds } from '../kinds.ts';
import type { SelectorRule } from '../post-count.ts';
import { compileText } from '../text/plan.ts';
import { compileXml } from '../xml/plan.ts';
import { entriesOnError } from './error-entries.ts';
import { parsePattern } from './path.ts';
import { type RouteProblem, RouteProblems } from './problem.ts';
import { compileQuery } from './query.ts';
import type { CompiledRoutes, FormatPlan, Rule, RuleHead } from './rule.ts';
import { FORMATS, isHtmlInJson, MAX_SELECTORS, type PostsEntry, type Route } from './schema.ts';

export type CompileResult =
  | { readonly ok: true; readonly routes: CompiledRoutes }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };

/** Compiles all rules, or returns all errors. @param kinds the switches for routes without their own. */
export function compileRoutes(routes: readonly Route[], kinds: Kinds): CompileResult {
  const problems: RouteProblem[] = [];
  const rules = routes.map((route, index) => {
    const own = new RouteProblems([], [index]);
    const rule = compileRoute(route, withKinds(kinds, route.kinds), own);
    problems.push(...own.list);
    return rule;
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, routes: { rules, byPath: new Map() } };
}

function compileRoute(route: Route, kinds: Kinds, problems: RouteProblems): Rule {
  const head = compileHead(route, problems);
  if (route.posts === 'none') return { ...head, format: 'none' };
  const rule = compileRule(route, route.posts, head, kinds, problems);
  const onErrorEntries = problems.list.length > 0 ? null : entriesOnError(route);
  if (onErrorEntries === null || rule.format === 'none') return rule;
  const faults = new RouteProblems();
  const onError = compileRule(route, onErrorEntries, head, kinds, faults);
  return faults.list.length > 0 || onError.format === 'none' ? rule : { ...rule, onError };
}

function compileRule(
  route: Route,
  entries: readonly PostsEntry[],
  head: RuleHead,
  kinds: Kinds,
  problems: RouteProblems,
): Rule {
  const selectors = entries.map((entry) => ({
    text: textOf(entry),
    kind: entry.kind,
    counts: entry.kind !== 'none' && kinds[entry.kind],
  }));
  if (!isForFormat(route, entries, problems)) return { ...head, format: 'none' };
  const plan = planOf(route, entries, selectors, problems.below('posts'));
  return { ...head, ...plan, selectors, entries, isStream: FORMATS[route.format].isStream };
}

function compileHead(route: Route, problems: RouteProblems): RuleHead {
  const { name = route.path, path, methods, query = {}, contentType } = route;
  return {
    name,
    pattern: problems.read(['path'], () => parsePattern(path)) ?? /$/,
    methods: methods === undefined ? null : new Set(methods),
    query: compileQuery(query, problems),
    contentType: contentType === undefined ? null : mediaTypeForm(contentType),
  };
}

function mediaTypeForm(mediaType: string): RegExp {
  const escaped = mediaType.replace(/[.+]/g, '\\$&').replace('*', '[^;\\s]+');
  return new RegExp(`^\\s*${escaped}\\s*(?:;|$)`, 'i');
}

/** Fields that only one format has. */
const FIELD_FORMATS = { events: 'sse', documents: 'graphql', optional: 'feed', csv: 'csv' } as const;

/** Whether the entries and the other fields of a route belong to its format. */
function isForFormat(route: Route, entries: readonly PostsEntry[], problems: RouteProblems): boolean {
  const { format } = route;
  const before = problems.list.length;
  const fields = FORMATS[format].entry;
  for (const [index, entry] of entries.entries()) {
    if (fields.some((field) => field in entry)) continue;
    const wanted = fields.map((field) => `"${field}"`).join(' or ');
    const message = `is not for the format "${format}"; use ${wanted} here, or another format`;
    problems.add(['posts', index], message);
  }
  const hasBits = fields[0] !== 'json' || entries.some(isHtmlInJson);
  if (entries.length > MAX_SELECTORS && hasBits) {
    const message = `has ${entries.length} selectors; the maximum is ${MAX_SELECTORS}, so move the others to another route`;
    problems.add(['posts'], message);
  }
  for (const [field, only] of Object.entries(FIELD_FORMATS)) {
    if (!route[field as keyof typeof FIELD_FORMATS] || format === only) continue;
    problems.add([field], `is for the format "${only}" only; remove it`);
  }
  checkDocuments(route.documents ?? {}, problems);
  return problems.list.length === before;
}

/** @param problems of the route's `posts`. */
function planOf(
  route: Route,
  entries: readonly PostsEntry[],
  rules: readonly SelectorRule[],
  problems: RouteProblems,
): FormatPlan {
  const { format, documents = {}, optional, csv = { header: true }, events } = route;
  switch (format) {
    case 'graphql':
      return { format, plan: compileGraphql(entries.filter(isFor('graphql')), documents) };
    case 'feed':
      return { format, plan: compileFeed(entries.filter(isFor('feed')), optional, problems) };
    case 'xml':
      return { format, plan: compileXml(entries.filter(isFor('xml')), problems) };
    case 'html':
      return { format, plan: compileHtml(entries, problems) };
    case 'csv':
      return { format, plan: compileCsv(entries.filter(isFor('csv')), csv, problems) };
    case 'text':
      return { format, plan: compileText(entries.filter(isFor('text')), problems) };
    case 'car':
    case 'firehose':
      return { format, plan: compileRecords(entries.filter(isFor('record')), problems) };
    default: {
      const plan = compileJson(entries.filter(isFor('json')), rules, problems);
      return format === 'sse' ? { format, plan, events: events ? new Set(events) : null } : { format, plan };
    }
  }
}

function isFor<Field extends string>(field: Field) {
  return (entry: PostsEntry): entry is Extract<PostsEntry, Record<Field, unknown>> => field in entry;
}

function textOf(entry: PostsEntry): string {
  const { kind: _kind, ...rest } = entry;
  const [found] = Object.values(rest);
  const text = Array.isArray(found) ? found.join(', ') : String(found);
  if (isHtmlInJson(entry)) return `${text} inside ${entry.inside.html}`;
  const where = 'where' in entry && entry.where !== undefined ? ` where ${entry.where}` : '';
  const origin = 'sameOrigin' in entry && entry.sameOrigin?.join(' and ');
  return `${text}${where}${origin ? ` with ${origin} of the same origin` : ''}`;
}
