/**
 * Looks in the ledger for what no process writes at the moment it happens: totals that rise over a level, and drafts that
 * become ready by time. Each look may run in several processes at once; every event is written once.
 */

import { and, eq, gte, inArray, sql } from 'drizzle-orm';
import { isPrefix } from '../../../meter/client-id.ts';
import { bucketOf } from '../../../meter/usage.ts';
import { invoiceEvent } from '../../../notify/billing-events.ts';
import type { NewEvent } from '../../../notify/event.ts';
import { DEFAULT_LEVELS, judgeLevels, type LevelChanges, levelEvents } from '../../../notify/levels.ts';
import { currentTotals, type TotalsSource, tariffsAt } from '../../../report/client-totals.ts';
import { loadClientsNow } from '../../../report/clients/load.ts';
import type { Tariff } from '../../../tariff/tariff.ts';
import { usageView } from '../admin/usage.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import { notOnHold } from '../billing-holds.ts';
import { postgresClientFigures } from '../clients/figures.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { clients, invoices, tariffVersions, usage } from '../schema.ts';
import { notRetired, versionsOf } from '../tariff-rows.ts';
import { DEFAULT_KEY } from './level-settings.ts';
import { clientLevels, events, levelSettings } from './tables.ts';
import { writeEvents } from './write-events.ts';

/** `recent`: clients with usage in the last minutes, and those that have reached a level. `all`: all with usage. */
export type LevelScope = 'recent' | 'all';

const RECENT_MS = 5 * 60_000;

/** Writes the events of all clients in scope that rose over a level or fell back. Returns the number of these clients. */
export async function watchLevels(
  db: LedgerDb,
  scope: LevelScope,
  nowMs: number,
  bucketSeconds: number,
): Promise<number> {
  const reached = new Map<string, number[]>();
  for (const { clientId, level } of await db.select().from(clientLevels)) {
    reached.set(clientId, [...(reached.get(clientId) ?? []), level]);
  }
  const endMs = bucketOf(nowMs, bucketSeconds) + bucketSeconds * 1000;
  const candidates =
    scope === 'all' ? null : new Set([...(await activeClients(db, endMs - RECENT_MS)), ...reached.keys()]);
  if (candidates?.size === 0) return 0;
  const versions = (await db.select().from(tariffVersions).where(notRetired)).map(tariffVersionOf);
  const tariffOf = tariffsAt(versions, bucketSeconds, nowMs);
  const source = { allTariffVersions: async () => versions, postsByClient: postsOf(db, candidates) };
  const totals = new Map([...reached.keys()].map((clientId) => [clientId, 0]));
  for (const { clientId, total } of await currentTotals(source, bucketSeconds, nowMs)) {
    if (!isPrefix(clientId)) totals.set(clientId, total);
  }

  const settings = new Map((await db.select().from(levelSettings)).map((row) => [row.clientId, row.levels]));
  const general = settings.get(DEFAULT_KEY) ?? DEFAULT_LEVELS;
  let changed = 0;
  for (const [clientId, total] of totals) {
    const tariff = tariffOf(clientId);
    const levels = settings.get(clientId) ?? general;
    const threshold = tariff.kind === 'damages' ? tariff.threshold : null;
    const changes = judgeLevels(levels, reached.get(clientId) ?? [], total, threshold);
    if (changes.risen.length + changes.left.length + changes.forgotten.length === 0) continue;
    changed++;
    await writeLevels(db, { clientId, total, tariff, nowMs, bucketSeconds }, changes);
  }
  return changed;
}

async function activeClients(db: LedgerDb, fromMs: number): Promise<string[]> {
  const rows = await db
    .selectDistinct({ clientId: usage.clientId })
    .from(usage)
    .where(gte(usage.bucketAt, new Date(fromMs)));
  return rows.map(({ clientId }) => clientId);
}

/** The parameters of one statement are limited to 65,535. */
const MAX_NAMED = 10_000;

/** @param candidates null, or too many to name: all clients. */
function postsOf(db: LedgerDb, candidates: ReadonlySet<string> | null): TotalsSource['postsByClient'] {
  const { postsByClient } = usageView(db);
  if (candidates === null || candidates.size > MAX_NAMED) return postsByClient;
  return async (fromMs, toMs, scope) => {
    const isIn = 'only' in scope ? new Set(scope.only) : null;
    const isOut = 'except' in scope ? new Set(scope.except) : null;
    const only = [...candidates].filter((id) => (isIn?.has(id) ?? true) && !isOut?.has(id));
    return only.length === 0 ? [] : postsByClient(fromMs, toMs, { only });
  };
}

interface JudgedClient {
  readonly clientId: string;
  readonly total: number;
  readonly tariff: Tariff;
  readonly nowMs: number;
  readonly bucketSeconds: number;
}

/** The rows of `client_levels` decide which of several processes writes an event. */
async function writeLevels(db: LedgerDb, judged: JudgedClient, changes: LevelChanges): Promise<void> {
  const { clientId, tariff, nowMs, bucketSeconds, total } = judged;
  await db.transaction(async (tx) => {
    const since = new Date(nowMs);
    const risen =
      changes.risen.length === 0
        ? []
        : await tx
            .insert(clientLevels)
            .values(changes.risen.map((level) => ({ clientId, level, since })))
            .onConflictDoNothing()
            .returning();
    const dropped = await tx
      .delete(clientLevels)
      .where(
        and(
          eq(clientLevels.clientId, clientId),
          inArray(clientLevels.level, [...changes.left, ...changes.forgotten]),
        ),
      )
      .returning();
    const inOrder = (rows: typeof risen) => rows.map(({ level }) => level).sort((a, b) => a - b);
    const left = inOrder(dropped).filter((level) => changes.left.includes(level));
    if (tariff.kind !== 'damages' || risen.length + left.length === 0) return;
    const [client] = await tx.select({ name: clients.name }).from(clients).where(eq(clients.id, clientId));
    const store = {
      tariffsFor: async (ids: readonly string[]) => (await versionsOf(tx, ids)).map(tariffVersionOf),
    };
    const sources = { figures: postgresClientFigures(tx), store };
    const now = (await loadClientsNow(sources, [clientId], { nowMs, bucketSeconds })).get(clientId);
    const facts = {
      ...{ clientId, total, tariff, name: client?.name ?? clientId, atMs: nowMs },
      ...{ postsLastHour: now?.pace ?? 0, overAtMs: now?.overAtMs ?? null },
    };
    await writeEvents(tx, levelEvents({ risen: inOrder(risen), left }, facts));
  });
}

/** Writes `invoice.ready` once for each draft whose breach or month has closed and whose client is not on hold. */
export async function watchReadyDrafts(db: LedgerDb, nowMs: number, latenessMs: number): Promise<void> {
  const until = new Date(nowMs - latenessMs).toISOString();
  const ids = await rowsOf(
    db,
    sql`
    select invoices.id from invoices left join breaches on breaches.id = invoices.breach_id
    where invoices.status = 'draft' and ${notOnHold(sql`invoices.client_id`)}
      and (breaches.state in ('closed', 'void')
        or (invoices.month_at at time zone 'UTC' + interval '1 month') at time zone 'UTC' <= ${until}::timestamptz)
      and not exists (
        select from events where type = 'invoice.ready' and subject = concat('invoices/', invoices.id))
    order by invoices.id limit 1000`,
  );
  if (ids.length === 0) return;
  await db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(invoices)
      .where(
        inArray(
          invoices.id,
          ids.map(({ id }) => String(id)),
        ),
      );
    const ready = rows.map(({ monthAt, ...row }) =>
      invoiceEvent('invoice.ready', { ...row, monthMs: monthAt?.getTime() ?? null }, nowMs),
    );
    await writeEvents(tx, ready);
  });
}

/**
 * Writes what changed of the conditions of routes: an event of `raised` whose condition was not reported, and the end of
 * those that were. What was reported is the newest event of the subject among `pairs`.
 * @param pairs the events that begin and end each condition.
 * @param ended makes the event that ends a condition of a subject.
 */
export async function writeConditions(
  db: LedgerDb,
  pairs: ReadonlyArray<readonly [begins: string, ends: string]>,
  raised: readonly NewEvent[],
  ended: (type: string, subject: string) => NewEvent,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:conditions'))`);
    for (const [begins, ends] of pairs) {
      const reported = await raisedSubjects(tx, begins, ends);
      const now = raised.filter(({ type }) => type === begins);
      const subjects = new Set(now.map(({ subject }) => subject));
      await writeEvents(tx, [
        ...now.filter(({ subject }) => !reported.includes(subject)),
        ...reported.filter((subject) => !subjects.has(subject)).map((subject) => ended(ends, subject)),
      ]);
    }
  });
}

async function raisedSubjects(tx: LedgerDb, begins: string, ends: string): Promise<string[]> {
  const newest = tx
    .selectDistinctOn([events.subject], { subject: events.subject, type: events.type })
    .from(events)
    .where(inArray(events.type, [begins, ends]))
    .orderBy(events.subject, sql`${events.sequence} desc`)
    .as('newest');
  const rows = await tx.select({ subject: newest.subject }).from(newest).where(eq(newest.type, begins));
  return rows.map(({ subject }) => subject);
}
