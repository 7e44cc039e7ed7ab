/** The table rights_exposure: additions by hour and kind of answer, and sums over hours. */

import { type SQL, sql } from 'drizzle-orm';
import type {
  AskerLedger,
  ClassHour,
  ExposureHour,
  ExposureKind,
  ExposureSums,
} from '../../../report/askers/port.ts';
import type { AskerClass } from '../../../rights/asker.ts';
import { type LedgerDb, orLedgerFailure, rowsOf } from '../connection/db.ts';

/** In key order, so that sources that add to the same rows cannot deadlock. */
export async function addExposures(tx: LedgerDb, hours: readonly ExposureHour[]): Promise<void> {
  if (hours.length === 0) return;
  const rows = hours.flatMap(({ hourMs, sums }) =>
    sums.map((one) => ({
      ...one,
      hour_at: new Date(hourMs).toISOString(),
      withheld: one.isWithheld ? 1 : 0,
    })),
  );
  await tx.execute(sql`
    insert into rights_exposure (hour_at, client_id, class, also_as, agent, evidence, verdict, route, mask, withheld,
      answers, posts)
    select hour_at, "clientId", class, "alsoAs", agent, evidence, verdict, route, mask, withheld, answers, posts
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(hour_at timestamptz, "clientId" text, class text,
      "alsoAs" text, agent text, evidence text, verdict text, route text, mask integer, withheld integer,
      answers bigint, posts bigint)
    order by hour_at, "clientId", class, "alsoAs", agent, evidence, verdict, route, mask, withheld
    on conflict (hour_at, client_id, class, also_as, agent, evidence, verdict, route, mask, withheld) do update set
      answers = rights_exposure.answers + excluded.answers, posts = rights_exposure.posts + excluded.posts`);
}

export async function tidyExposures(db: LedgerDb, keepDays: number): Promise<void> {
  await db.execute(
    sql`delete from rights_exposure where hour_at < now() - make_interval(days => ${keepDays})`,
  );
}

export function postgresAskerLedger(db: LedgerDb): AskerLedger {
  return {
    exposures: (fromMs, toMs, clientId) =>
      orLedgerFailure('answers by asker could not be read', exposuresIn(db, within(fromMs, toMs, clientId))),
    classHours: (fromMs, toMs, clientId) =>
      orLedgerFailure('answers by class could not be read', classHoursIn(db, within(fromMs, toMs, clientId))),
  };
}

async function exposuresIn(db: LedgerDb, condition: SQL): Promise<ExposureSums[]> {
  const rows = await rowsOf(
    db,
    sql`select client_id, class, also_as, agent, evidence, verdict, route, mask, withheld,
          sum(answers)::float8 as answers, sum(posts)::float8 as posts
        from rights_exposure where ${condition}
        group by client_id, class, also_as, agent, evidence, verdict, route, mask, withheld`,
  );
  return rows.map((row) => ({
    clientId: String(row.client_id),
    class: row.class as AskerClass,
    alsoAs: row.also_as as ExposureKind['alsoAs'],
    agent: String(row.agent),
    evidence: row.evidence as ExposureKind['evidence'],
    verdict: row.verdict as ExposureKind['verdict'],
    route: String(row.route),
    mask: Number(row.mask),
    isWithheld: Number(row.withheld) === 1,
    answers: Number(row.answers),
    posts: Number(row.posts),
  }));
}

async function classHoursIn(db: LedgerDb, condition: SQL): Promise<ClassHour[]> {
  const rows = await rowsOf(
    db,
    sql`select extract(epoch from hour_at)::float8 * 1000 as hour_ms, class, sum(answers)::float8 as answers,
          sum(posts)::float8 as posts, sum(answers * withheld)::float8 as withheld
        from rights_exposure where ${condition} group by hour_at, class order by hour_at, class`,
  );
  return rows.map((row) => ({
    hourMs: Number(row.hour_ms),
    class: row.class as AskerClass,
    answers: Number(row.answers),
    posts: Number(row.posts),
    withheld: Number(row.withheld),
  }));
}

function within(fromMs: number, toMs: number, clientId: string | undefined): SQL {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  const client = clientId === undefined ? sql`true` : sql`client_id = ${clientId}`;
  return sql`hour_at >= ${from}::timestamptz and hour_at < ${to}::timestamptz and ${client}`;
}
