/** A range of whole UTC hours in a query or a body. */

import { z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../report/timestamp.ts';
import { TimestampIn } from '../fields.ts';
import { fieldProblem } from '../problem.ts';

export const HOUR_MS = 3_600_000;
const DEFAULT_RANGE_MS = 24 * HOUR_MS;

export const hourQuery = z.strictObject({
  from: TimestampIn.optional().openapi({
    description: 'The first hour is the one that contains this time. Default: 24 hours before `to`.',
  }),
  to: TimestampIn.optional().openapi({
    description: 'Hours that start at this time or later are excluded. Default: now.',
  }),
});

/** Throws if the range is empty. */
export function hourRange(
  asked: z.output<typeof hourQuery>,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = asked.to ?? nowMs;
  const fromMs = hourOf(asked.from ?? toMs - DEFAULT_RANGE_MS);
  if (fromMs < toMs) return { fromMs, toMs };
  throw fieldProblem(400, 'from', 'is not before `to`', `use a time before ${isoTimestamp(hourOf(toMs))}`);
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}
