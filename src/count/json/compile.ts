/** Compiles the JSON entries of a route into a plan. */

import { HtmlCounter } from '../html/counter.ts';
import { compileHtml, type HtmlPlan, onlySelectors } from '../html/plan.ts';
import { hasEmbedded, isWholePost, type SelectorRule } from '../post-count.ts';
import type { PlanResult, RouteProblem } from '../route/problem.ts';
import { type HtmlInJsonEntry, isHtmlInJson, type JsonEntry } from '../route/schema.ts';
import { parseMember, parseWhere, type Where } from '../where.ts';
import { PlanTooLarge } from './automaton/nfa-paths.ts';
import { parseJsonPath, type Step } from './automaton/path.ts';
import type { CountMode, EmbeddedHtml, JsonPlan, PostSelector } from './automaton/plan.ts';
import { ALL_NEEDS, planJson } from './automaton/plan-json.ts';

/**
 * @param rules the switches of the entries' kinds, in the same order. If omitted, the plan reports the items of each
 *   entry.
 */
export function compileJson(
  entries: ReadonlyArray<JsonEntry | HtmlInJsonEntry>,
  rules?: ReadonlyArray<Pick<SelectorRule, 'kind' | 'counts'>>,
): PlanResult<JsonPlan> {
  const problems: RouteProblem[] = [];
  const pages = compileHtml(
    entries.map((entry) => (isHtmlInJson(entry) ? { ...entry.inside, kind: entry.kind } : entry)),
  );
  if (!pages.ok) {
    problems.push(
      ...pages.problems.map(({ at: [rule, ...at], message }) => ({ at: [rule!, 'inside', ...at], message })),
    );
  }
  const html = pages.ok ? { html: insideOf(pages.plan) } : {};
  const selectors = entries.map((entry, rule) => {
    const refuse: Refuse = (field, message) => problems.push({ at: [rule, field], message });
    if (isHtmlInJson(entry)) return { path: stepsOf('json', entry.json, refuse), ...html, rule };
    return selectorOf(entry, rule, refuse);
  });
  if (problems.length > 0) return { ok: false, problems };
  try {
    const plan = planJson(
      selectors,
      rules?.map((rule) => countingOf(rule, hasEmbedded(rules))),
    );
    plan.dfa(ALL_NEEDS);
    return { ok: true, plan };
  } catch (error) {
    if (!(error instanceof PlanTooLarge)) throw error;
    return { ok: false, problems: [{ at: [], message: error.message }] };
  }
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

type Refuse = (field: keyof JsonEntry, message: string) => void;

function selectorOf(entry: JsonEntry, rule: number, refuse: Refuse): PostSelector {
  const { json, inside, where, sameOrigin, id, scalars } = entry;
  return {
    path: stepsOf('json', json, refuse),
    ...(inside === undefined ? {} : { inside: stepsOf('inside', inside, refuse) }),
    ...(where === undefined ? {} : whereOf(where, refuse)),
    ...(sameOrigin === undefined ? {} : { sameOrigin: membersOf(sameOrigin, refuse) }),
    ...(id === undefined ? {} : idOf(id, refuse)),
    ...(scalars && { scalars }),
    rule,
  };
}

function stepsOf(field: 'json' | 'inside', text: string, refuse: Refuse): readonly Step[] {
  const path = parseJsonPath(text);
  if (path.ok) return path.steps;
  refuse(field, path.message);
  return [];
}

function whereOf(text: string, refuse: Refuse): { readonly where?: Where } {
  const test = parseWhere(text);
  if (test.ok && test.where.kind !== 'contains') return { where: test.where };
  refuse(
    'where',
    test.ok ? `${JSON.stringify(text)}: contains is for feeds and XML; compare with == or in` : test.message,
  );
  return {};
}

function membersOf(
  [one, other]: NonNullable<JsonEntry['sameOrigin']>,
  refuse: Refuse,
): NonNullable<PostSelector['sameOrigin']> {
  return [memberOf('sameOrigin', one, refuse) ?? [], memberOf('sameOrigin', other, refuse) ?? []];
}

function idOf(text: string, refuse: Refuse): { readonly id?: readonly string[] } {
  const names = memberOf('id', text, refuse);
  return names === undefined ? {} : { id: names };
}

function memberOf(field: 'sameOrigin' | 'id', text: string, refuse: Refuse): readonly string[] | undefined {
  const names = parseMember(text);
  if (typeof names !== 'string') return names;
  refuse(field, `${JSON.stringify(text)}: ${names}`);
  return undefined;
}
