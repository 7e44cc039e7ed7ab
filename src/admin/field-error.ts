/** Faults in a request: the field, the reason, and a hint how to fix it. */

import type { z } from '@hono/zod-openapi';
import type { FieldError } from '../tariff/terms.ts';

type Issue = z.core.$ZodIssue;

/** `whole` (`body`, `query`) names what was validated; it is the field of faults that concern no single field. */
export function faultsOf(issues: readonly Issue[], whole: string): FieldError[] {
  return issues.flatMap((issue) => faultsOfIssue(issue, whole));
}

function faultsOfIssue(issue: Issue, whole: string): FieldError[] {
  const field = issue.path.map(String).join('.') || whole;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...issue.path.map(String), key].join('.'),
      reason: 'is not a known field',
      hint: 'remove it, or check its spelling in /v1/openapi.json',
    }));
  }
  return [{ field, ...explained(issue) }];
}

function explained(issue: Issue): Omit<FieldError, 'field'> {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? { reason: 'is missing', hint: `send ${named(issue.expected)}` }
        : { reason: `is not ${named(issue.expected)}`, hint: `send ${named(issue.expected)}` };
    case 'too_small':
      return {
        reason: 'is too small or too short',
        hint: `${limited(issue.origin)} at least ${issue.minimum}`,
      };
    case 'too_big':
      return {
        reason: 'is too large or too long',
        hint: `${limited(issue.origin)} at most ${issue.maximum}`,
      };
    case 'invalid_format':
      return { reason: 'has the wrong format', hint: formHint(issue.format) };
    case 'invalid_value':
      return {
        reason: 'is not one of the allowed values',
        hint: `use one of ${issue.values.map(String).join(', ')}`,
      };
    case 'invalid_union':
      return { reason: 'matches none of the allowed forms', hint: unionHint(issue) };
    case 'custom':
      return { reason: issue.message, hint: hintOf(issue.params) };
    default:
      return { reason: issue.message, hint: 'see its description in /v1/openapi.json' };
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

function formHint(format: string): string {
  if (format === 'datetime')
    return 'use ISO 8601 with seconds and a time zone, for example 2026-03-01T00:05:00Z';
  if (format === 'uuid') return 'use the id as the list shows it';
  return 'see its pattern in /v1/openapi.json';
}

function unionHint(issue: z.core.$ZodIssueInvalidUnion): string {
  const { options } = issue as { readonly options?: readonly unknown[] };
  if (options !== undefined) return `use one of ${options.map(String).join(', ')}`;
  const hints = issue.errors.flatMap(([first]) => (first === undefined ? [] : [explained(first).hint]));
  return hints.length > 0 ? hints.join(', or ') : 'see its description in /v1/openapi.json';
}

function hintOf(params: Record<string, unknown> | undefined): string {
  const hint = params?.hint;
  return typeof hint === 'string' ? hint : 'see its description in /v1/openapi.json';
}
