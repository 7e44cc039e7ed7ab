/** Reads everything that one source has stated, in bounded pages and subject by subject. */

import { sql } from 'drizzle-orm';
import type { SourceStatements } from '../../../admin/rights/port.ts';
import type { StoredSetting } from '../../../rights/setting.ts';
import { SUBJECT_KINDS, type SubjectKind } from '../../../rights/subject.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { storedSettingOf } from './rows.ts';

const PAGE = 5_000;

interface OpenSubject {
  readonly id: number;
  readonly subject: SourceStatements['subject'];
  readonly settings: StoredSetting[];
}

export async function* sourceStatements(db: LedgerDb, sourceId: string): AsyncGenerator<SourceStatements> {
  let open = null as OpenSubject | null;
  let after: readonly [subjectId: number, sequence: number] = [0, 0];
  for (;;) {
    const rows = await rowsOf(
      db,
      sql`
      select subject_id, kind, scope, name, sequence, source_id, state, value,
        extract(epoch from effective_at) * 1000 as effective_ms
      from rights_settings join rights_subjects on rights_subjects.id = subject_id
      where source_id = ${sourceId} and (subject_id, sequence) > (${after[0]}::bigint, ${after[1]}::bigint)
      order by subject_id, sequence
      limit ${PAGE}`,
    );
    for (const row of rows) {
      const setting = storedSettingOf(row);
      const id = Number(row.subject_id);
      after = [id, setting.sequence];
      if (open?.id === id) {
        open.settings.push(setting);
        continue;
      }
      if (open !== null) yield { subject: open.subject, settings: open.settings };
      const subject = { kind: kindOf(row.kind), scope: String(row.scope), name: String(row.name) };
      open = { id, subject, settings: [setting] };
    }
    if (rows.length < PAGE) break;
  }
  if (open !== null) yield { subject: open.subject, settings: open.settings };
}

function kindOf(text: unknown): SubjectKind {
  const kind = SUBJECT_KINDS.find((one) => one === text);
  if (kind === undefined) throw new TypeError(`the ledger has a subject of the unknown kind ${text}`);
  return kind;
}
