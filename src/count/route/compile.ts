/** Compiles the routes of the configuration into rules, or returns all errors in them. */

import { compileRecords } from '../atproto/plan.ts';
import { compileCsv } from '../csv/plan.ts';
import { compileFeed } from '../feed/plan.ts';
import { compileGraphql, documentProblems } from '../graphql/plan.ts';
import { compileHtml } from '../html/plan.ts';
import { compileJson } from '../json/compile.ts';
import { type Kinds, withKinds } from '../kinds.ts';
import type { SelectorRule } from '../post-count.ts';
import { compileText } from '../text/plan.ts';
import { compileXml } from '../xml/plan.ts';
import { entriesOnError } from './error-entries.ts';
import { parsePattern } from './path.ts';
import type { PlanResult, RouteProblem } from './problem.ts';
import { compileQuery } from './query.ts';
import type { CompiledRoutes, CountedRule, FormatPlan, Rule, RuleHead } from './rule.ts';
import { type Format, isHtmlInJson, isStream, MAX_SELECTORS, type PostsEntry, type Route } from './schema.ts';

export type CompileResult =
  | { readonly ok: true; readonly routes: CompiledRoutes }
  | { readonly ok: false; readonly problems: readonly RouteProblem[] };

/** Compiles all rules, or returns all errors. @param kinds the switches for routes without their own. */
export function compileRoutes(routes: readonly Route[], kinds: Kinds): CompileResult {
  const problems: RouteProblem[] = [];
  const rules = routes.flatMap((route, index): Rule[] => {
    const within = (problem: RouteProblem): RouteProblem => ({ ...problem, at: [index, ...problem.at] });
    const head = compileHead(route);
    if (!head.ok) problems.push(...head.problems.map(within));
    if (route.posts === 'none') return head.ok ? [{ ...head.plan, format: 'none' }] : [];
    const selectors = selectorRules(route.posts, withKinds(kinds, route.kinds));
    const plan = compilePlan(route, route.posts, selectors);
    if (!plan.ok) problems.push(...plan.problems.map(within));
    if (!head.ok || !plan.ok) return [];
    const rule = {
      ...head.plan,
      ...plan.plan,
      selectors,
      entries: route.posts,
      isStream: isStream(route.format),
    };
    const onError = ruleOnError(route, head.plan, withKinds(kinds, route.kinds));
    return [onError === null ? rule : { ...rule, onError }];
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, routes: { rules, byPath: new Map() } };
}

function ruleOnError(route: Route, head: RuleHead, kinds: Kinds): CountedRule | null {
  const entries = entriesOnError(route);
  if (entries === null) return null;
  const selectors = selectorRules(entries, kinds);
  const plan = compilePlan(route, entries, selectors);
  return plan.ok ? { ...head, ...plan.plan, selectors, entries, isStream: false } : null;
}

function compileHead(route: Route): PlanResult<RuleHead> {
  const problems: RouteProblem[] = [];
  const pattern = parsePattern(route.path);
  if (typeof pattern === 'string') problems.push({ at: ['path'], message: pattern });
  const query = compileQuery(route.query ?? {});
  if (!Array.isArray(query)) problems.push({ at: ['query', query.name], message: query.message });
  if (typeof pattern === 'string' || !Array.isArray(query)) return { ok: false, problems };
  return {
    ok: true,
    plan: {
      name: route.name ?? route.path,
      pattern,
      methods: route.methods === undefined ? null : new Set(route.methods),
      query,
      contentType: route.contentType === undefined ? null : mediaTypeForm(route.contentType),
    },
  };
}

function mediaTypeForm(mediaType: string): RegExp {
  const escaped = mediaType.replace(/[.+]/g, '\\$&').replace('*', '[^;\\s]+');
  return new RegExp(`^\\s*${escaped}\\s*(?:;|$)`, 'i');
}

/** The entry's first field determines its format. */
const ENTRY_FOR: Readonly<Record<Format, readonly string[]>> = {
  json: ['json'],
  jsonp: ['json'],
  ndjson: ['json'],
  'json-seq': ['json'],
  sse: ['json'],
  multipart: ['json'],
  websocket: ['json'],
  socketio: ['json'],
  graphql: ['graphql'],
  feed: ['feed'],
  xml: ['xml'],
  html: ['html', 'jsonld'],
  csv: ['csv'],
  text: ['text'],
  car: ['record'],
  firehose: ['record'],
};

function compilePlan(
  route: Route,
  entries: readonly PostsEntry[],
  rules: readonly SelectorRule[],
): PlanResult<FormatPlan> {
  const { format } = route;
  const problems = entries.flatMap((entry, index): RouteProblem[] => {
    const fields = ENTRY_FOR[format];
    if (fields.some((field) => field in entry)) return [];
    const message = `is not for the format "${format}"; use ${fields.map((field) => `"${field}"`).join(' or ')} here, or another format`;
    return [{ at: ['posts', index], message }];
  });
  const hasBits = !ENTRY_FOR[format].includes('json') || entries.some(isHtmlInJson);
  if (entries.length > MAX_SELECTORS && hasBits) {
    const message = `has ${entries.length} selectors; the maximum is ${MAX_SELECTORS}, so move the others to another route`;
    problems.push({ at: ['posts'], message });
  }
  problems.push(...misplaced(route), ...documentProblems(route.documents ?? {}));
  if (problems.length > 0) return { ok: false, problems };
  const compiled = planOf(route, entries, rules);
  if (compiled.ok) return compiled;
  return {
    ok: false,
    problems: compiled.problems.map(({ at, message }) => ({ at: ['posts', ...at], message })),
  };
}

function misplaced({ format, events, documents, csv, optional }: Route): RouteProblem[] {
  const problems: RouteProblem[] = [];
  if (events !== undefined && format !== 'sse') {
    problems.push({ at: ['events'], message: 'is for the format "sse" only; remove it' });
  }
  if (documents !== undefined && format !== 'graphql') {
    problems.push({ at: ['documents'], message: 'is for the format "graphql" only; remove it' });
  }
  if (optional && format !== 'feed') {
    problems.push({ at: ['optional'], message: 'is for the format "feed" only; remove it' });
  }
  if (csv !== undefined && format !== 'csv') {
    problems.push({ at: ['csv'], message: 'is for the format "csv" only; remove it' });
  }
  return problems;
}

function planOf(
  route: Route,
  entries: readonly PostsEntry[],
  rules: readonly SelectorRule[],
): PlanResult<FormatPlan> {
  const { format } = route;
  switch (format) {
    case 'graphql':
      return named(format, compileGraphql(entries.filter(isFor('graphql')), route.documents ?? {}));
    case 'feed':
      return named(format, compileFeed(entries.filter(isFor('feed')), route.optional));
    case 'xml':
      return named(format, compileXml(entries.filter(isFor('xml'))));
    case 'html':
      return named(format, compileHtml(entries));
    case 'csv':
      return named(format, compileCsv(entries.filter(isFor('csv')), route.csv ?? { header: true }));
    case 'text':
      return named(format, compileText(entries.filter(isFor('text'))));
    case 'car':
    case 'firehose':
      return named(format, compileRecords(entries.filter(isFor('record'))));
    case 'sse': {
      const events = route.events === undefined ? null : new Set(route.events);
      const result = compileJson(entries.filter(isFor('json')), rules);
      return result.ok ? { ok: true, plan: { format, plan: result.plan, events } } : result;
    }
    default:
      return named(format, compileJson(entries.filter(isFor('json')), rules));
  }
}

function isFor<Field extends string>(field: Field) {
  return (entry: PostsEntry): entry is Extract<PostsEntry, Record<Field, unknown>> => field in entry;
}

function named<F extends Format, Plan>(
  format: F,
  result: PlanResult<Plan>,
): PlanResult<{ readonly format: F; readonly plan: Plan }> {
  return result.ok ? { ok: true, plan: { format, plan: result.plan } } : result;
}

function selectorRules(entries: readonly PostsEntry[], kinds: Kinds): SelectorRule[] {
  return entries.map((entry) => ({
    text: textOf(entry),
    kind: entry.kind,
    counts: entry.kind !== 'none' && kinds[entry.kind],
  }));
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
