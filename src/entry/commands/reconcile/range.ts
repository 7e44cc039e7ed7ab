/** The time range that `postmeter reconcile` compares: the requested one, or the range that the log fully covers. */

import { InvalidArgumentError } from 'commander';
import type { Range } from '../../../reconcile/hours.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { UsageError } from '../../usage-error.ts';
import { parseTimestamp } from '../options/timestamp.ts';
import type { LogSpan } from './log.ts';

const MINUTE_MS = 60_000;
const UNITS_MS = { s: 1_000, m: MINUTE_MS, h: 3_600_000, d: 86_400_000 } as const;
/** Bounds the sums per client. Logs are kept for much less than a year. */
const MAX_RANGE_MS = 366 * UNITS_MS.d;

/** Parses a time, or a duration before now such as `24h`. */
export function readSince(nowMs: () => number): (text: string) => number {
  return (text) => {
    const ago = /^(\d{1,6})([smhd])$/.exec(text);
    if (ago !== null) return nowMs() - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
    const moment = parseTimestamp(text);
    if (moment.ok) return moment.atMs;
    throw new InvalidArgumentError(`It ${moment.reason}; ${moment.hint}, or a duration such as 24h.`);
  };
}

export interface RangeRequest {
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  readonly slackMs: number;
}

/**
 * Returns the range in whole minutes. An end taken from the log is moved inwards by the slack, so that both sources cover
 * the first and the last minute completely. Throws `UsageError` if no minute remains.
 * @param span the time that the logs cover; null if both ends are given.
 */
export function rangeOf({ sinceMs, untilMs, slackMs }: RangeRequest, span: LogSpan | null): Range {
  const from = sinceMs ?? span!.firstMs + slackMs;
  const to = untilMs ?? span!.lastMs - slackMs;
  const fromMs = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
  const toMs = Math.floor(to / MINUTE_MS) * MINUTE_MS;
  if (fromMs >= toMs) {
    const covers =
      span === null ? '' : ` (the log is from ${isoTimestamp(span.firstMs)} to ${isoTimestamp(span.lastMs)})`;
    throw new UsageError(
      `the range contains no complete minute${covers}; choose --since and --until within the log, or reduce --slack-seconds`,
    );
  }
  if (toMs - fromMs > MAX_RANGE_MS)
    throw new UsageError('--since: the range exceeds a year; use a later time');
  return { fromMs, toMs, slackMs };
}
