/** Where posts are found in HTML. */

import type { PlanResult } from '../route/compile.ts';
import type { HtmlEntry } from '../route/schema.ts';

export interface HtmlPlan {
  readonly entries: readonly HtmlEntry[];
}

export function compileHtml(entries: readonly HtmlEntry[]): PlanResult<HtmlPlan> {
  return { ok: true, plan: { entries } };
}
