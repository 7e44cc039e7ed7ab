/** The time that `postmeter reconcile` compares: what was asked for, else what the log surely covers. */

import { InvalidArgumentError } from 'commander';
import type { Range } from '../../reconcile/hours.ts';
import { isoMoment } from '../../report/moment.ts';
import { UsageError } from '../usage-error.ts';
import { parseMoment } from './moment.ts';
import type { Span } from './reconcile-log.ts';

const MINUTE_MS = 60_000;
const UNITS_MS = { s: 1_000, m: MINUTE_MS, h: 3_600_000, d: 86_400_000 } as const;
/** What is added up per client; a year of hours is far beyond what a log is kept for. */
const MOST_MS = 366 * UNITS_MS.d;

/** `24h` ago, or a moment. */
export function readSince(nowMs: () => number): (text: string) => number {
  return (text) => {
    const ago = /^(\d{1,6})([smhd])$/.exec(text);
    if (ago !== null) return nowMs() - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
    const moment = parseMoment(text);
    if (moment.ok) return moment.atMs;
    throw new InvalidArgumentError(`It ${moment.reason}; ${moment.mend}, or how long ago, such as 24h.`);
  };
}

export interface Asked {
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  readonly slackMs: number;
}

/**
 * The log's own span begins and ends the slack within it, so that both sources have all that belongs to the first and
 * the last minute. Throws `UsageError` where nothing is left to compare.
 * @param span what the logs cover; null if both ends are asked for.
 */
export function rangeOf({ sinceMs, untilMs, slackMs }: Asked, span: Span | null): Range {
  const from = sinceMs ?? span!.firstMs + slackMs;
  const to = untilMs ?? span!.lastMs - slackMs;
  const fromMs = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
  const toMs = Math.floor(to / MINUTE_MS) * MINUTE_MS;
  if (fromMs >= toMs) {
    const covers =
      span === null ? '' : ` (the log is from ${isoMoment(span.firstMs)} to ${isoMoment(span.lastMs)})`;
    throw new UsageError(
      `no whole minute is left to compare${covers}; name --since and --until that the log covers, or less --slack-seconds`,
    );
  }
  if (toMs - fromMs > MOST_MS) throw new UsageError('--since: over a year is asked for; name a later moment');
  return { fromMs, toMs, slackMs };
}
