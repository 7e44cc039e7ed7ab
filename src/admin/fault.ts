/** Faults in a request: the field, the reason, and a hint how to fix it. */

import type { z } from '@hono/zod-openapi';

export interface Fault {
  readonly field: string;
  readonly reason: string;
  readonly mend: string;
}

type Issue = z.core.$ZodIssue;

/** `whole` (`body`, `query`) names what was validated; it is the field of faults that concern no single field. */
export function faultsOf(issues: readonly Issue[], whole: string): Fault[] {
  return issues.flatMap((issue) => faultsOfIssue(issue, whole));
}

function faultsOfIssue(issue: Issue, whole: string): Fault[] {
  const field = issue.path.map(String).join('.') || whole;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...issue.path.map(String), key].join('.'),
      reason: 'is not a known field',
      mend: 'remove it, or check its spelling in /v1/openapi.json',
    }));
  }
  return [{ field, ...explained(issue) }];
}

function explained(issue: Issue): Omit<Fault, 'field'> {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? { reason: 'is missing', mend: `send ${named(issue.expected)}` }
        : { reason: `is not ${named(issue.expected)}`, mend: `send ${named(issue.expected)}` };
    case 'too_small':
      return {
        reason: 'is too small or too short',
        mend: `${limited(issue.origin)} at least ${issue.minimum}`,
      };
    case 'too_big':
      return {
        reason: 'is too large or too long',
        mend: `${limited(issue.origin)} at most ${issue.maximum}`,
      };
    case 'invalid_format':
      return { reason: 'has the wrong format', mend: formMend(issue.format) };
    case 'invalid_value':
      return {
        reason: 'is not one of the allowed values',
        mend: `use one of ${issue.values.map(String).join(', ')}`,
      };
    case 'invalid_union':
      return { reason: 'matches none of the allowed forms', mend: unionMend(issue) };
    case 'custom':
      return { reason: issue.message, mend: mendOf(issue.params) };
    default:
      return { reason: issue.message, mend: 'see its description in /v1/openapi.json' };
  }
}

function named(expected: string): string {
  if (expected === 'int') return 'a whole number';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function limited(origin: string): string {
  if (origin === 'string') return 'its length in characters is';
  return origin === 'array' ? 'its number of entries is' : 'it is';
}

function formMend(format: string): string {
  if (format === 'datetime')
    return 'use ISO 8601 with seconds and a time zone, for example 2026-03-01T00:05:00Z';
  if (format === 'uuid') return 'use the id as the list shows it';
  return 'see its pattern in /v1/openapi.json';
}

function unionMend(issue: z.core.$ZodIssueInvalidUnion): string {
  const { options } = issue as { readonly options?: readonly unknown[] };
  if (options !== undefined) return `use one of ${options.map(String).join(', ')}`;
  const mends = issue.errors.flatMap(([first]) => (first === undefined ? [] : [explained(first).mend]));
  return mends.length > 0 ? mends.join(', or ') : 'see its description in /v1/openapi.json';
}

function mendOf(params: Record<string, unknown> | undefined): string {
  const mend = params?.mend;
  return typeof mend === 'string' ? mend : 'see its description in /v1/openapi.json';
}
