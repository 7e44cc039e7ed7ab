/** Compiles the JSON entries of a route into a plan. */

import { HtmlCounter } from '../html/counter.ts';
import { compileHtml, type HtmlPlan, onlySelectors } from '../html/plan.ts';
import { hasEmbedded, isWholePost, type SelectorRule } from '../post-count.ts';
import { RouteFault, RouteProblems } from '../route/problem.ts';
import { type HtmlInJsonEntry, isHtmlInJson, type JsonEntry } from '../route/schema.ts';
import { parseMember, parseWhere, type Where } from '../where.ts';
import { parseJsonPath, type Step } from './automaton/path.ts';
import type { CountMode, EmbeddedHtml, JsonPlan, PostSelector } from './automaton/plan.ts';
import { ALL_NEEDS, planJson } from './automaton/plan-json.ts';

/**
 * @param rules the switches of the entries' kinds, in the same order. If omitted, the plan reports the items of each
 *   entry.
 */
export function compileJson(
  entries: ReadonlyArray<JsonEntry | HtmlInJsonEntry>,
  rules: ReadonlyArray<Pick<SelectorRule, 'kind' | 'counts'>> | undefined,
  problems: RouteProblems,
): JsonPlan {
  const pages = entries.map((entry) => (isHtmlInJson(entry) ? { ...entry.inside, kind: entry.kind } : entry));
  const inPages = new RouteProblems();
  const html = insideOf(compileHtml(pages, inPages));
  for (const { at, message } of inPages.list) problems.add(at.toSpliced(1, 0, 'inside'), message);
  const selectors = entries.map((entry, rule) => {
    const own = problems.below(rule);
    return isHtmlInJson(entry)
      ? { path: stepsOf('json', entry.json, own), html, rule }
      : selectorOf(entry, rule, own);
  });
  const plan = planJson(
    selectors,
    rules?.map((rule) => countingOf(rule, hasEmbedded(rules))),
  );
  if (problems.list.length === 0) problems.read([], () => plan.dfa(ALL_NEEDS));
  return plan;
}

function countingOf(rule: Pick<SelectorRule, 'kind' | 'counts'>, readsCopies: boolean): CountMode {
  const { kind, counts } = rule;
  if (!counts) return readsCopies && isWholePost(rule) ? 'known' : 'off';
  return kind === 'embedded' ? 'once' : 'each';
}

function insideOf(plan: HtmlPlan): EmbeddedHtml {
  return {
    planFor(rules) {
      const selected = onlySelectors(plan, rules);
      return { reader: (found) => new HtmlCounter(selected, found) };
    },
  };
}

function selectorOf(entry: JsonEntry, rule: number, problems: RouteProblems): PostSelector {
  const { json, inside, where, sameOrigin, id, scalars } = entry;
  const path = stepsOf('json', json, problems);
  const test = where === undefined ? null : problems.read(['where'], () => whereOf(where));
  const member = (field: 'sameOrigin' | 'id', text: string) =>
    problems.read([field], () => parseMember(text)) ?? [];
  return {
    path,
    ...(inside === undefined ? {} : { inside: stepsOf('inside', inside, problems) }),
    ...(test && { where: test }),
    ...(sameOrigin && {
      sameOrigin: [member('sameOrigin', sameOrigin[0]), member('sameOrigin', sameOrigin[1])],
    }),
    ...(id === undefined ? {} : { id: member('id', id) }),
    ...(scalars && { scalars }),
    rule,
  };
}

function stepsOf(field: 'json' | 'inside', text: string, problems: RouteProblems): readonly Step[] {
  return problems.read([field], () => parseJsonPath(text)) ?? [];
}

function whereOf(text: string): Where {
  const where = parseWhere(text);
  if (where.kind !== 'contains') return where;
  throw new RouteFault(`${JSON.stringify(text)}: contains is for feeds and XML; compare with == or in`);
}
