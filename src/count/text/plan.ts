/** The lines of a text that begin a post, or the response as a single post. */

import type { RouteProblems } from '../route/problem.ts';
import type { TextEntry } from '../route/schema.ts';
import { type LinePattern, parseLinePattern } from './line-pattern.ts';

/** By selector: the pattern of the line that begins a post; null if the response is one post. */
export interface TextPlan {
  readonly patterns: ReadonlyArray<LinePattern | null>;
  /** True if only the whole response is a post: nothing in the body shows whether it is one. */
  readonly isWhole: boolean;
}

export function compileText(entries: readonly TextEntry[], problems: RouteProblems): TextPlan {
  const patterns = entries.map(({ text, line }, index): LinePattern | null => {
    const at = [index, 'line'];
    if (text === 'response' && line !== undefined) problems.add(at, 'is for "text": "line" only; remove it');
    if (text === 'response') return null;
    if (line !== undefined) return problems.read(at, () => parseLinePattern(line));
    problems.add(at, 'is missing; use the line that begins a post, such as "# *"');
    return null;
  });
  const kinds = new Set(entries.map(({ text }) => text));
  if (kinds.size > 1) {
    problems.add(
      [],
      'has both "response" and "line"; a response is one post or contains several, so use one of them',
    );
  }
  return { patterns, isWhole: kinds.has('response') };
}
