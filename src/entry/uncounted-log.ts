/** The log line of responses that could not be counted: one a minute for each route and reason, with how many. */

import type { AdminLog } from '../admin/port.ts';

const EVERY_MS = 60_000;

interface Told {
  atMs: number;
  /** Since the last line. */
  responses: number;
}

/** Routes and reasons are as many as the configuration has, so the memory of them is bounded by it. */
export function uncountedLog(
  log: Pick<AdminLog, 'warn'>,
  nowMs: () => number,
): (route: string, reason: string) => void {
  const told = new Map<string, Told>();
  return (route, reason) => {
    const key = `${reason} ${route}`;
    let last = told.get(key);
    if (last === undefined) {
      last = { atMs: Number.NEGATIVE_INFINITY, responses: 0 };
      told.set(key, last);
    }
    last.responses++;
    if (nowMs() - last.atMs < EVERY_MS) return;
    log.warn(
      { route, reason, responses: last.responses },
      'posts could not be counted; nothing is charged for them',
    );
    last.atMs = nowMs();
    last.responses = 0;
  };
}
