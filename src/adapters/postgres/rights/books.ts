/** The registry of rights for the administration: settings, the states that follow, and who stated them. */

import { and, asc, count, desc, eq, gt, lt, lte, max, type SQL, sql } from 'drizzle-orm';
import type { RightsBooks, SubjectFilter, SubjectRecord } from '../../../admin/rights/port.ts';
import type { RecordedSetting } from '../../../rights/setting.ts';
import { maskOf } from '../../../rights/state.ts';
import { subjectText } from '../../../rights/subject.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { recordedSettingOf } from './rows.ts';
import { sourceStatements } from './statements.ts';
import { rightsCurrent, rightsSettings, rightsSources, rightsSubjects } from './tables.ts';
import { previewSettings, writeSettings } from './write-settings.ts';

export function postgresRights(db: LedgerDb, maxSubjects: number): RightsBooks {
  return {
    write: (call, who) => writeSettings(db, call, who, maxSubjects),
    preview: (call, who) => previewSettings(db, call, who),
    statements: (sourceId) => sourceStatements(db, sourceId),

    async subjects(filter, page) {
      const after = page.after === null ? undefined : gt(rightsSubjects.id, Number(page.after));
      const rows = await subjectRows(db)
        .where(and(matching(filter), after))
        .orderBy(asc(rightsSubjects.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, subjectOfRow, (row) => String(row.id));
    },

    async subject(id) {
      const [row] = await subjectRows(db).where(eq(rightsSubjects.id, id));
      return row === undefined ? null : subjectOfRow(row);
    },

    async settings(subjectId, page) {
      const before = page.after === null ? undefined : lt(rightsSettings.sequence, Number(page.after));
      const rows = await db
        .select()
        .from(rightsSettings)
        .where(and(eq(rightsSettings.subjectId, subjectId), before))
        .orderBy(desc(rightsSettings.sequence))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordedSettingOf, (row) => String(row.sequence));
    },

    async settingsOf(subjects, untilMs) {
      const wanted = JSON.stringify(subjects.map((subject) => ({ ...subject, text: subjectText(subject) })));
      const rows = await db
        .select({
          text: sql<string>`wanted.text`,
          setting: rightsSettings,
        })
        .from(
          sql`json_to_recordset(${wanted}::json) as wanted (text text, kind text, scope text, name text)
            join rights_subjects using (kind, scope, name)`,
        )
        .innerJoin(rightsSettings, eq(rightsSettings.subjectId, sql`rights_subjects.id`))
        .where(lte(rightsSettings.receivedAt, new Date(untilMs)))
        .orderBy(asc(rightsSettings.sequence));
      const found = new Map<string, RecordedSetting[]>(subjects.map((subject) => [subjectText(subject), []]));
      for (const { text, setting } of rows) found.get(text)?.push(recordedSettingOf(setting));
      return subjects.map((subject) => found.get(subjectText(subject))!);
    },

    async sources() {
      const rows = await db
        .select({
          id: rightsSources.id,
          createdAt: rightsSources.createdAt,
          settings: count(rightsSettings.sequence),
          lastReceivedAt: max(rightsSettings.receivedAt),
        })
        .from(rightsSources)
        .leftJoin(rightsSettings, eq(rightsSettings.sourceId, rightsSources.id))
        .groupBy(rightsSources.id)
        .orderBy(asc(rightsSources.id));
      return rows.map(({ createdAt, lastReceivedAt, ...rest }) => ({
        ...rest,
        createdAtMs: createdAt.getTime(),
        lastReceivedAtMs: lastReceivedAt?.getTime() ?? null,
      }));
    },
  };
}

function subjectRows(db: LedgerDb) {
  return db
    .select({
      id: rightsSubjects.id,
      kind: rightsSubjects.kind,
      scope: rightsSubjects.scope,
      name: rightsSubjects.name,
      on: rightsCurrent.onStates,
      off: rightsCurrent.offStates,
      sequence: rightsCurrent.sequence,
      changedAt: rightsCurrent.changedAt,
    })
    .from(rightsSubjects)
    .innerJoin(rightsCurrent, eq(rightsCurrent.subjectId, rightsSubjects.id))
    .$dynamic();
}

type SubjectRow = Awaited<ReturnType<typeof subjectRows>>[number];

function subjectOfRow({ id, kind, scope, name, on, off, sequence, changedAt }: SubjectRow): SubjectRecord {
  return {
    id,
    subject: { kind, scope, name },
    states: { on, off },
    sequence,
    changedAtMs: changedAt.getTime(),
  };
}

function matching({ kind, scope, name, state }: SubjectFilter): SQL | undefined {
  return and(
    kind === undefined ? undefined : eq(rightsSubjects.kind, kind),
    scope === undefined ? undefined : eq(rightsSubjects.scope, scope),
    name === undefined ? undefined : eq(rightsSubjects.name, name),
    state === undefined ? undefined : sql`${rightsCurrent.onStates} & ${maskOf([state])} <> 0`,
  );
}
