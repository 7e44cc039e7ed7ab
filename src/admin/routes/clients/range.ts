/** The range of time of a client's chart and readings: its defaults and its bounds. */

import type { ChartSpan } from '../../../report/client-chart.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { TimestampIn } from '../../fields.ts';
import { fieldProblem } from '../../problem.ts';

const DEFAULT_RANGE_MS = 2 * 86_400_000;
/** Maximum number of buckets that one request may read: 104 days of minutes. */
const MAX_BUCKETS = 150_000;

export const RANGE_QUERY = {
  from: TimestampIn.optional().openapi({ description: 'Default: two days before `to`.' }),
  to: TimestampIn.optional().openapi({ description: 'Exclusive. Default, and at most: now.' }),
};

interface AskedRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Returns the asked range up to the end of the current bucket. Throws a problem if it is empty or too long. */
export function rangeUntilNow(asked: AskedRange, nowMs: number, bucketSeconds: number): ChartSpan {
  const bucketMs = bucketSeconds * 1000;
  const endMs = Math.floor(nowMs / bucketMs) * bucketMs + bucketMs;
  const toMs = Math.min(asked.to ?? endMs, endMs);
  const fromMs = asked.from ?? toMs - DEFAULT_RANGE_MS;
  if (fromMs >= toMs) {
    const reason = asked.to === undefined || asked.to > endMs ? 'is in the future' : 'is not before `to`';
    throw fieldProblem(400, 'from', reason, `use a time before ${isoTimestamp(toMs)}`);
  }
  const buckets = Math.ceil((toMs - fromMs) / bucketMs);
  if (buckets > MAX_BUCKETS) {
    const reason = `is ${buckets} buckets before \`to\`, over the limit of ${MAX_BUCKETS}`;
    throw fieldProblem(400, 'from', reason, 'use a later from, or an earlier to');
  }
  return { fromMs, toMs };
}
