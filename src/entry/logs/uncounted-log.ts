/** Logs responses that could not be counted: at most one line a minute per route and reason, with their number. */

import type { AdminLog } from '../../admin/port.ts';

const EVERY_MS = 60_000;

interface LastLine {
  atMs: number;
  /** Responses since the last line. */
  responses: number;
}

/** Memory is bounded, because the configuration determines the number of routes and reasons. */
export function uncountedLog(
  log: Pick<AdminLog, 'warn'>,
  nowMs: () => number,
): (route: string, reason: string) => void {
  const lines = new Map<string, LastLine>();
  return (route, reason) => {
    const key = `${reason} ${route}`;
    let last = lines.get(key);
    if (last === undefined) {
      last = { atMs: Number.NEGATIVE_INFINITY, responses: 0 };
      lines.set(key, last);
    }
    last.responses++;
    if (nowMs() - last.atMs < EVERY_MS) return;
    log.warn(
      { route, reason, responses: last.responses },
      'responses could not be counted; their posts are not charged',
    );
    last.atMs = nowMs();
    last.responses = 0;
  };
}
