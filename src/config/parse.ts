/** Turns the text of a configuration file into a `Config`, or into problems that name path, reason and mend. */

import type { z } from 'zod';
import { type Config, configSchema } from './schema.ts';

export interface ConfigProblem {
  /** Where in the file, such as `routes[0].posts[0].json`; empty for the file as a whole. */
  readonly path: string;
  readonly reason: string;
  readonly mend: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function parseConfig(text: string): ConfigResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, problems: [{ path: '', reason, mend: 'mend the syntax at that place' }] };
  }
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return { ok: true, config: parsed.data };
  return { ok: false, problems: parsed.error.issues.map(problemOf) };
}

/** Problems as lines for a person: one a line, `path: reason; mend`. */
export function explainProblems(file: string, problems: readonly ConfigProblem[]): string {
  return problems
    .map((p) => `${file}: ${p.path === '' ? '' : `${p.path}: `}${p.reason}; ${p.mend}`)
    .join('\n');
}

function problemOf(issue: z.core.$ZodIssue): ConfigProblem {
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${key}"`).join(', ');
    return { path, reason: `does not know ${keys}`, mend: 'check the spelling, or take it out' };
  }
  if (issue.code === 'invalid_type') {
    return { path, reason: issue.message, mend: `write a value of type ${issue.expected}` };
  }
  if (issue.code === 'invalid_value') {
    return {
      path,
      reason: issue.message,
      mend: `write one of ${issue.values.map((v) => JSON.stringify(v)).join(', ')}`,
    };
  }
  if (issue.code === 'too_big') {
    return { path, reason: issue.message, mend: `write at most ${issue.maximum}` };
  }
  if (issue.code === 'too_small') {
    return { path, reason: issue.message, mend: `write at least ${issue.minimum}` };
  }
  return { path, reason: issue.message, mend: 'see the configuration schema (postmeter config schema)' };
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}
