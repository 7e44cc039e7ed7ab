/** Usage of one client or all, summed by the database over equal steps. */

import { and, eq, gt, gte, inArray, notInArray, or, sql } from 'drizzle-orm';
import type { ClientHour, Page, PageRequest, UsageQueries } from '../../../admin/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients, usage } from '../schema.ts';
import { bucketsIn } from '../usage/bucket-span.ts';
import { uniqueDaysOf } from '../usage/unique-days.ts';
import { pageOf, rowsAsked } from './page.ts';

const sums = {
  posts: sql`sum(${usage.posts})`.mapWith(Number),
  requests: sql`sum(${usage.requests})`.mapWith(Number),
  refused: sql`sum(${usage.refused})`.mapWith(Number),
  bytes: sql`sum(${usage.bytes})`.mapWith(Number),
  uncounted: sql`sum(${usage.uncounted})`.mapWith(Number),
};

export function usageView(db: LedgerDb): UsageQueries {
  return {
    hourlyUsage: (fromMs, toMs, page) => hourlyUsage(db, fromMs, toMs, page),

    usage(clientId, fromMs, toMs, grainMs) {
      // date_bin truncates to steps counted from the epoch.
      const step = sql`date_bin(${`${grainMs} milliseconds`}::interval, ${usage.bucketAt}, 'epoch'::timestamptz)`;
      return db
        .select({
          atMs: sql`extract(epoch from ${step}) * 1000`.mapWith(Number).as('at_ms'),
          ...sums,
        })
        .from(usage)
        .where(and(eq(usage.clientId, clientId), bucketsIn(usage.bucketAt, { fromMs, toMs })))
        .groupBy(sql`at_ms`)
        .orderBy(sql`at_ms`);
    },

    postsByClient(fromMs, toMs, scope) {
      const inScope =
        'only' in scope
          ? inArray(usage.clientId, [...scope.only])
          : scope.except.length === 0
            ? undefined
            : notInArray(usage.clientId, [...scope.except]);
      return db
        .select({ clientId: usage.clientId, name: clients.name, posts: sums.posts })
        .from(usage)
        .innerJoin(clients, eq(clients.id, usage.clientId))
        .where(and(bucketsIn(usage.bucketAt, { fromMs, toMs }), inScope))
        .groupBy(usage.clientId, clients.name);
    },

    async postsByIdentifier(clientId, fromMs, toMs) {
      const rows = await db
        .select({ id: usage.identifierId, posts: sums.posts })
        .from(usage)
        .where(and(eq(usage.clientId, clientId), bucketsIn(usage.bucketAt, { fromMs, toMs })))
        .groupBy(usage.identifierId);
      return new Map(rows.map(({ id, posts }) => [id, posts]));
    },

    async uniqueDays(clientId, fromMs, toMs) {
      const [days] = await uniqueDaysOf(db, [{ clientId, fromMs, toMs }]);
      return days!;
    },
  };
}

const HOUR_MS = 3_600_000;

/** Keyed by client and hour, as in `acme 1772323200000`. No id contains a space. */
async function hourlyUsage(
  db: LedgerDb,
  fromMs: number,
  toMs: number,
  page: PageRequest,
): Promise<Page<ClientHour>> {
  const hour = sql`date_bin('1 hour'::interval, ${usage.bucketAt}, 'epoch'::timestamptz)`;
  const inRange = bucketsIn(usage.bucketAt, { fromMs, toMs });
  const [clientId = '', afterMs] = page.after?.split(' ') ?? [];
  const isLater = and(
    eq(usage.clientId, clientId),
    gte(usage.bucketAt, new Date(Number(afterMs ?? 0) + HOUR_MS)),
  );
  const rows = await db
    .select({
      clientId: usage.clientId,
      atMs: sql`extract(epoch from ${hour}) * 1000`.mapWith(Number).as('at_ms'),
      ...sums,
    })
    .from(usage)
    .where(page.after === null ? inRange : and(inRange, or(gt(usage.clientId, clientId), isLater)))
    .groupBy(usage.clientId, sql`at_ms`)
    .orderBy(usage.clientId, sql`at_ms`)
    .limit(rowsAsked(page));
  return pageOf(
    rows,
    page,
    (row) => row,
    (row) => `${row.clientId} ${row.atMs}`,
  );
}
