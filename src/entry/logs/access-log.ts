/** The access log, if the configuration asks for it: one line per request. */

import type { AdminLog } from '../../admin/port.ts';
import type { AccessEntry } from '../../report/access.ts';

/** Returns null if the access log is off, so that requests pay nothing for it. */
export function accessLog(
  isWanted: boolean,
  log: Pick<AdminLog, 'info'>,
): ((entry: AccessEntry) => void) | null {
  if (!isWanted) return null;
  return ({ asker, ...entry }) =>
    log.info(
      {
        ...entry,
        class: asker?.class ?? '',
        agent: asker?.agent ?? '',
        requestId: entry.requestId ?? crypto.randomUUID(),
        ms: Math.round(entry.ms * 1000) / 1000,
      },
      'request',
    );
}
