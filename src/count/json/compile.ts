/** Reads the JSON entries of a route into a plan. */

import type { PlanProblem, PlanResult } from '../route/compile.ts';
import type { JsonEntry } from '../route/schema.ts';
import { parseWhere } from '../where.ts';
import { parseJsonPath } from './path.ts';
import { type JsonPlan, type PostSelector, planJson } from './plan.ts';

export function compileJson(entries: readonly JsonEntry[]): PlanResult<JsonPlan> {
  const problems: PlanProblem[] = [];
  const selectors = entries.flatMap(({ json, where }, index): PostSelector[] => {
    const path = parseJsonPath(json);
    if (!path.ok) problems.push({ at: [index, 'json'], message: path.message });
    const test = where === undefined ? undefined : parseWhere(where);
    if (test?.ok === false) problems.push({ at: [index, 'where'], message: test.message });
    if (test?.ok && test.where.kind !== 'equals') {
      problems.push({ at: [index, 'where'], message: `"${test.where.kind}" is not for JSON` });
    }
    if (!path.ok || test?.ok === false) return [];
    return [{ path: path.steps, rule: index, ...(test === undefined ? {} : { where: test.where }) }];
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, plan: planJson(selectors) };
}
