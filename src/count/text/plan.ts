/** Which lines of a text begin a post, or whether the response is one. */

import type { PlanProblem, PlanResult } from '../route/compile.ts';
import type { TextEntry } from '../route/schema.ts';
import { type LinePattern, parseLinePattern } from './line-pattern.ts';

/** By selector: the pattern of the line that begins a post; null where the response is one post. */
export interface TextPlan {
  readonly patterns: ReadonlyArray<LinePattern | null>;
  /** Only the response as a whole is a post: nothing in the body says whether it is one. */
  readonly isWhole: boolean;
}

export function compileText(entries: readonly TextEntry[]): PlanResult<TextPlan> {
  const problems: PlanProblem[] = [];
  const patterns = entries.map(({ text, line }, index): LinePattern | null => {
    if (text === 'response') {
      if (line !== undefined)
        problems.push({ at: [index, 'line'], message: 'is for "text": "line" only; take it out' });
      return null;
    }
    const result =
      line === undefined
        ? ({ ok: false, message: 'is missing; write the line that begins a post, such as "# *"' } as const)
        : parseLinePattern(line);
    if (result.ok) return result.pattern;
    problems.push({ at: [index, 'line'], message: result.message });
    return null;
  });
  const kinds = new Set(entries.map(({ text }) => text));
  if (kinds.size > 1) {
    problems.push({
      at: [],
      message: 'has both "response" and "line"; a response is one post or has several, write one of them',
    });
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, plan: { patterns, isWhole: kinds.has('response') } };
}
