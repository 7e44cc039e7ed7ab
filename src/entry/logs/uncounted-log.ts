/** Logs responses that could not be counted: at most one line a minute per route and reason, with their number. */

import type { AdminLog } from '../../admin/port.ts';
import { lineAMinute } from './line-a-minute.ts';

/** Memory is bounded, because the configuration determines the number of routes and reasons. */
export function uncountedLog(
  log: Pick<AdminLog, 'warn'>,
  nowMs: () => number,
): (route: string, reason: string) => void {
  const due = lineAMinute(nowMs);
  return (route, reason) => {
    const responses = due(`${reason} ${route}`);
    if (responses === null) return;
    log.warn({ route, reason, responses }, 'responses could not be counted; their posts are not charged');
  };
}
