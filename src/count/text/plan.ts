/** The lines of a text that begin a post, or the response as a single post. */

import type { PlanResult, RouteProblem } from '../route/problem.ts';
import type { TextEntry } from '../route/schema.ts';
import { type LinePattern, parseLinePattern } from './line-pattern.ts';

/** By selector: the pattern of the line that begins a post; null if the response is one post. */
export interface TextPlan {
  readonly patterns: ReadonlyArray<LinePattern | null>;
  /** True if only the whole response is a post: nothing in the body shows whether it is one. */
  readonly isWhole: boolean;
}

export function compileText(entries: readonly TextEntry[]): PlanResult<TextPlan> {
  const problems: RouteProblem[] = [];
  const patterns = entries.map(({ text, line }, index): LinePattern | null => {
    if (text === 'response') {
      if (line !== undefined)
        problems.push({ at: [index, 'line'], message: 'is for "text": "line" only; remove it' });
      return null;
    }
    const result =
      line === undefined
        ? ({ ok: false, message: 'is missing; use the line that begins a post, such as "# *"' } as const)
        : parseLinePattern(line);
    if (result.ok) return result.pattern;
    problems.push({ at: [index, 'line'], message: result.message });
    return null;
  });
  const kinds = new Set(entries.map(({ text }) => text));
  if (kinds.size > 1) {
    problems.push({
      at: [],
      message:
        'has both "response" and "line"; a response is one post or contains several, so use one of them',
    });
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, plan: { patterns, isWhole: kinds.has('response') } };
}
