/** The access log, if the configuration asks for it: one line per request. */

import type { AdminLog } from '../admin/port.ts';
import type { AccessEntry } from '../report/access.ts';

/** Null: no request is logged, and none costs anything. */
export function accessLog(
  isWanted: boolean,
  log: Pick<AdminLog, 'info'>,
): ((entry: AccessEntry) => void) | null {
  if (!isWanted) return null;
  return (entry) =>
    log.info(
      { ...entry, requestId: entry.requestId ?? crypto.randomUUID(), ms: Math.round(entry.ms * 1000) / 1000 },
      'request',
    );
}
