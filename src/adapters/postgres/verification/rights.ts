/** The registry of rights as verification reads it: subjects in pages, each with its settings and current states. */

import { sql } from 'drizzle-orm';
import type { StoredSetting } from '../../../rights/setting.ts';
import type { Subject } from '../../../rights/subject.ts';
import { type Finding, finding } from '../../../verify/finding.ts';
import type { KeptSubject } from '../../../verify/rights.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { storedSettingOf } from '../rights/rows.ts';

const PAGE = 1_000;

export async function* subjectPages(tx: LedgerDb): AsyncGenerator<readonly KeptSubject[]> {
  let after = 0;
  for (;;) {
    const subjects = await rowsOf(
      tx,
      sql`
      select id, kind, scope, name, on_states, off_states, sequence
      from rights_subjects left join rights_current on subject_id = id
      where id > ${after} order by id limit ${PAGE}`,
    );
    if (subjects.length === 0) return;
    const from = after;
    after = Number(subjects.at(-1)!.id);
    const settings = new Map<number, StoredSetting[]>();
    for (const row of await settingRows(tx, from, after)) {
      const id = Number(row.subject_id);
      const found = settings.get(id);
      if (found === undefined) settings.set(id, [storedSettingOf(row)]);
      else found.push(storedSettingOf(row));
    }
    yield subjects.map((row) => keptSubject(row, settings.get(Number(row.id)) ?? []));
  }
}

function settingRows(tx: LedgerDb, after: number, last: number) {
  return rowsOf(
    tx,
    sql`
    select subject_id, sequence, source_id, state, value, extract(epoch from effective_at) * 1000 as effective_ms
    from rights_settings where subject_id > ${after} and subject_id <= ${last}`,
  );
}

function keptSubject(
  row: Readonly<Record<string, unknown>>,
  settings: readonly StoredSetting[],
): KeptSubject {
  const subject = { kind: row.kind, scope: row.scope, name: row.name } as Subject;
  if (row.sequence === null) return { subject, settings, current: null };
  const current = { on: Number(row.on_states), off: Number(row.off_states), sequence: Number(row.sequence) };
  return { subject, settings, current };
}

/** A reader of what follows the last sequence relies on sequences without gaps. */
export async function settingGaps(tx: LedgerDb): Promise<Finding[]> {
  const [row] = await rowsOf(
    tx,
    sql`select count(*)::float8 as settings, coalesce(max(sequence), 0)::float8 as last from rights_settings`,
  );
  if (row!.settings === row!.last) return [];
  return [
    finding('rights_sequence', 'rights/settings', `${row!.last} settings`, `${row!.settings} settings`),
  ];
}
