/** Reads the registry of rights from the ledger in the order of its settings, and reports changes by any process. */

import { sql } from 'drizzle-orm';
import type { RightsSource, SubjectChange } from '../../../rights/port.ts';
import type { SubjectKind } from '../../../rights/subject.ts';
import { type LedgerConnection, orLedgerFailure, rowsOf } from '../connection/db.ts';

/** The trigger in drizzle/ notifies on this channel. */
const CHANNEL = 'postmeter_rights';

export function ledgerRightsSource({ db, listen }: Pick<LedgerConnection, 'db' | 'listen'>): RightsSource {
  return {
    async changesAfter(sequence, limit) {
      // One statement, because every process runs it every few seconds. It returns a row even if nothing has changed.
      const rows = await orLedgerFailure(
        'the registry of rights could not be read from the ledger',
        rowsOf(
          db,
          sql`
          select last, kind, scope, name, on_states, off_states, sequence
          from (select max(sequence) as last from rights_current) as newest left join lateral (
            select kind, scope, name, on_states, off_states, sequence
            from rights_current join rights_subjects on rights_subjects.id = subject_id
            where sequence > ${sequence} order by sequence limit ${limit}
          ) as changes on true
          order by sequence`,
        ),
      );
      return {
        lastSequence: Number(rows[0]!.last ?? 0),
        changes: rows.filter((row) => row.sequence !== null).map(changeOf),
      };
    },
    watch: (changed) => listen(CHANNEL, changed),
  };
}

function changeOf(row: Readonly<Record<string, unknown>>): SubjectChange {
  return {
    subject: { kind: row.kind as SubjectKind, scope: String(row.scope), name: String(row.name) },
    states: { on: Number(row.on_states), off: Number(row.off_states) },
    sequence: Number(row.sequence),
  };
}
