/** Parses a configuration file into a `Config`, or into problems with path, reason and fix. */

import type { z } from 'zod';
import { DEFAULT_KINDS, withKinds } from '../count/kinds.ts';
import { presetRoutes } from '../count/presets/presets.ts';
import { compileRoutes } from '../count/route/compile.ts';
import { RouteProblems } from '../count/route/problem.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import { compileSubjectRules } from '../rights/request-subjects.ts';
import { type Config, configSchema } from './schema.ts';

export interface ConfigProblem {
  /** Location in the file, such as `routes[0].posts[0].json`; empty for the file as a whole. */
  readonly path: string;
  /** Reason and fix. */
  readonly message: string;
}

export type ConfigResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly routes: CompiledRoutes;
      /** True if nothing configures routes, not even `"routes": []`. Such a gateway would silently count nothing. */
      readonly lacksRoutes: boolean;
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function parseConfig(text: string): ConfigResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, problems: [{ path: '', message: `${reason}; fix the syntax there` }] };
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success)
    return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue)) };
  const { platform = [], count } = parsed.data;
  // The operator's own routes come first. Preset routes have no faults: the tests compile them all.
  const all = [...parsed.data.routes, ...presetRoutes([platform].flat())];
  const routes = compileRoutes(all, withKinds(DEFAULT_KINDS, count.kinds));
  const subjects = new RouteProblems();
  compileSubjectRules(parsed.data.rights.subjects, subjects);
  if (routes.ok && subjects.list.length === 0) {
    const lacksRoutes = all.length === 0 && !Object.hasOwn(json as object, 'routes');
    return { ok: true, config: parsed.data, routes: routes.routes, lacksRoutes };
  }
  const inRoutes = routes.ok ? [] : routes.problems;
  const problems = [
    ...inRoutes.map(({ at, message }) => ({ path: pathText(['routes', ...at]), message })),
    ...subjects.list.map(({ at, message }) => ({ path: pathText(['rights', 'subjects', ...at]), message })),
  ];
  return { ok: false, problems };
}

/** Formats problems for people, one per line: `path: reason; fix`. */
export function explainProblems(file: string, problems: readonly ConfigProblem[]): string {
  return problems.map((p) => `${file}: ${p.path === '' ? '' : `${p.path}: `}${p.message}`).join('\n');
}

/** @param at path of the value to which the issue's path is relative. */
function problemsOf(issue: z.core.$ZodIssue, at: readonly PropertyKey[] = []): ConfigProblem[] {
  const way = [...at, ...issue.path];
  const meant = issue.code === 'invalid_union' ? meantForm(issue.errors) : undefined;
  return meant?.flatMap((one) => problemsOf(one, way)) ?? [problemOf(issue, pathText(way))];
}

/** Picks the form of a union that was probably meant: one whose only faults are in members, the deepest first. */
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
    return { path, message: `has unknown fields ${keys}; check the spelling or remove them` };
  }
  return { path, message: `${reasonOf(issue)}; ${hintOf(issue)}` };
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') return 'does not match any of the allowed forms';
  if (issue.message.endsWith('received undefined')) return 'is missing';
  return issue.message;
}

function hintOf(issue: z.core.$ZodIssue): string {
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
      const hints = new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : [hintOf(first)])));
      return hints.size > 0 ? [...hints].join(', or ') : SEE_SCHEMA;
    }
    default:
      return SEE_SCHEMA;
  }
}

const SEE_SCHEMA = '`postmeter config schema` shows the allowed values';

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}
