/** One setting as callers send it, in JSON, NDJSON or a row of CSV, and the fields that it shares with events. */

import { z } from 'zod';
import type { NewSetting } from '../setting.ts';
import { SETTING_VALUES, STATES } from '../state.ts';
import { SUBJECT_KINDS, subjectOf } from '../subject.ts';

/** Settings may be dated this far ahead of our clock. */
const MAX_AHEAD_MS = 5 * 60_000;
const MAX_TEXT = 1_024;

/** Plain text on one line, of at most 1,024 characters. */
export const rowText = (minLength: number) =>
  z
    .string()
    .min(minLength)
    .max(MAX_TEXT)
    .refine((value) => !/[\p{Cc}\p{Cs}]/u.test(value), {
      error: 'contains control characters',
      params: { hint: 'send plain text on one line' },
    });

/**
 * A time in ISO 8601, read as epoch milliseconds.
 * @param nowMs times later than a few minutes after it are refused.
 */
export function effectiveAtSchema(nowMs: () => number) {
  return z.iso
    .datetime({ offset: true })
    .transform((value) => Date.parse(value))
    .refine((atMs) => atMs >= 0, {
      error: 'is before 1970',
      params: { hint: 'write the year with four digits, for example 2026-03-01T00:05:00Z' },
    })
    .refine((atMs) => atMs <= nowMs() + MAX_AHEAD_MS, {
      error: 'is in the future',
      params: { hint: 'send it when it takes effect' },
    });
}

/** @param nowMs settings that are dated later than a few minutes after it are refused. */
export function settingRowSchema(nowMs: () => number) {
  return z
    .strictObject({
      kind: z.enum(SUBJECT_KINDS),
      scope: rowText(0)
        .default('')
        .describe(
          'Distinguishes equal names on different hosts or sites; empty if names are unique. Case is ignored.',
        ),
      name: rowText(1).describe(
        'The id of the post or author, the host or account of the blog, or the path.',
      ),
      state: z.enum(STATES),
      value: z
        .enum(SETTING_VALUES)
        .default('on')
        .describe('off is an explicit allowance; unset withdraws what the source stated.'),
      effectiveAt: effectiveAtSchema(nowMs)
        .nullable()
        .default(null)
        .describe('When it holds, by the source. Default: now.'),
      ref: rowText(1).max(200).nullable().default(null).describe("The source's own name for the statement."),
    })
    .transform(
      ({ kind, scope, name, state, value, effectiveAt, ref }): NewSetting => ({
        subject: subjectOf(kind, scope, name),
        ...{ state, value, ref },
        effectiveAtMs: effectiveAt,
      }),
    );
}

export type SettingRowSchema = ReturnType<typeof settingRowSchema>;
