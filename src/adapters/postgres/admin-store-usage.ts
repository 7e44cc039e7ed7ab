/** A client's usage, added up by the database over equal steps. */

import { and, eq, gte, lt, sql } from 'drizzle-orm';
import type { UsageView } from '../../admin/port.ts';
import type { LedgerDb } from './db.ts';
import { usage } from './schema.ts';
import { uniqueDaysOf } from './unique-days.ts';

export function usageView(db: LedgerDb): UsageView {
  return {
    usage(clientId, fromMs, toMs, grainMs) {
      // date_bin cuts down to steps counted from the epoch.
      const step = sql`date_bin(${`${grainMs} milliseconds`}::interval, ${usage.bucketAt}, 'epoch'::timestamptz)`;
      return db
        .select({
          atMs: sql`extract(epoch from ${step}) * 1000`.mapWith(Number).as('at_ms'),
          posts: sql`sum(${usage.posts})`.mapWith(Number),
          requests: sql`sum(${usage.requests})`.mapWith(Number),
          refused: sql`sum(${usage.refused})`.mapWith(Number),
          bytes: sql`sum(${usage.bytes})`.mapWith(Number),
          uncounted: sql`sum(${usage.uncounted})`.mapWith(Number),
        })
        .from(usage)
        .where(
          and(
            eq(usage.clientId, clientId),
            gte(usage.bucketAt, new Date(fromMs)),
            lt(usage.bucketAt, new Date(toMs)),
          ),
        )
        .groupBy(sql`at_ms`)
        .orderBy(sql`at_ms`);
    },

    async uniqueDays(clientId, fromMs, toMs) {
      const [days] = await uniqueDaysOf(db, [{ clientId, fromMs, toMs }]);
      return days!;
    },
  };
}
