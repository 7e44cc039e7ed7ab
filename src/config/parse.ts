/** Turns the text of a configuration file into a `Config`, or into problems that name path, reason and mend. */

import type { z } from 'zod';
import { DEFAULT_KINDS, withKinds } from '../count/kinds.ts';
import { presetRoutes } from '../count/presets/presets.ts';
import { compileRoutes } from '../count/route/compile.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { type Config, configSchema } from './schema.ts';

export interface ConfigProblem {
  /** Where in the file, such as `routes[0].posts[0].json`; empty for the file as a whole. */
  readonly path: string;
  /** Reason and mend. */
  readonly message: string;
}

export type ConfigResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly routes: CompiledRoutes;
      /** Nothing says where posts are, not even `"routes": []`: a gateway would count nothing, unnoticed. */
      readonly lacksRoutes: boolean;
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function parseConfig(text: string): ConfigResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, problems: [{ path: '', message: `${reason}; mend the syntax at that place` }] };
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success)
    return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue)) };
  const { platform = [], count } = parsed.data;
  // The operator's own routes go first. Those of a preset have no faults: the tests compile them all.
  const all = [...parsed.data.routes, ...presetRoutes([platform].flat())];
  const routes = compileRoutes(all, withKinds(DEFAULT_KINDS, count.kinds));
  if (routes.ok) {
    const lacksRoutes = all.length === 0 && !Object.hasOwn(json as object, 'routes');
    return { ok: true, config: parsed.data, routes: routes.routes, lacksRoutes };
  }
  const problems = routes.problems.map(({ at, message }) => ({ path: pathText(['routes', ...at]), message }));
  return { ok: false, problems };
}

/** Problems as lines for a person: one a line, `path: reason; mend`. */
export function explainProblems(file: string, problems: readonly ConfigProblem[]): string {
  return problems.map((p) => `${file}: ${p.path === '' ? '' : `${p.path}: `}${p.message}`).join('\n');
}

/** @param at the way to the value that the issue's path begins in. */
function problemsOf(issue: z.core.$ZodIssue, at: readonly PropertyKey[] = []): ConfigProblem[] {
  const way = [...at, ...issue.path];
  const meant = issue.code === 'invalid_union' ? meantForm(issue.errors) : undefined;
  return meant?.flatMap((one) => problemsOf(one, way)) ?? [problemOf(issue, pathText(way))];
}

/** Of the forms of a union, by their issues, the one that was meant: it fits but for its members, the deepest before others. */
function meantForm(forms: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const depthOf = (form: z.core.$ZodIssue[]) => Math.max(...form.map(({ path }) => path.length));
  const [meant] = forms
    .filter((form) => form.every(({ path }) => path.length > 0))
    .sort((a, b) => depthOf(b) - depthOf(a));
  return meant ?? forms.find((form) => form.every(({ code }) => code === 'unrecognized_keys'));
}

function problemOf(issue: z.core.$ZodIssue, path: string): ConfigProblem {
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${key}"`).join(', ');
    return { path, message: `does not know ${keys}; check the spelling, or take it out` };
  }
  return { path, message: `${reasonOf(issue)}; ${mendOf(issue)}` };
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') return 'has none of the allowed forms';
  if (issue.message.endsWith('received undefined')) return 'is missing';
  return issue.message;
}

function mendOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `write a value of type ${issue.expected}`;
    case 'invalid_value':
      return `write ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_big':
      return `write at most ${issue.maximum}`;
    case 'too_small':
      return `write at least ${issue.minimum}`;
    case 'invalid_union': {
      const { options } = issue as { readonly options?: readonly unknown[] };
      if (options !== undefined) return `write ${options.map((one) => JSON.stringify(one)).join(' or ')}`;
      const mends = new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : [mendOf(first)])));
      return mends.size > 0 ? [...mends].join(', or ') : SEE_SCHEMA;
    }
    default:
      return SEE_SCHEMA;
  }
}

const SEE_SCHEMA = '`postmeter config schema` shows what may stand here';

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}
