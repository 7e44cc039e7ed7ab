/** Reads the registry of rights from the ledger in the order of its settings, and reports changes by any process. */

import { asc, eq, gt, max } from 'drizzle-orm';
import type { RightsSource } from '../../../rights/port.ts';
import { type LedgerConnection, orLedgerFailure } from '../connection/db.ts';
import { rightsCurrent, rightsSubjects } from './tables.ts';

/** The trigger in drizzle/ notifies on this channel. */
const CHANNEL = 'postmeter_rights';

const reading = <T>(work: Promise<T>): Promise<T> =>
  orLedgerFailure('the registry of rights could not be read from the ledger', work);

export function ledgerRightsSource({ db, listen }: Pick<LedgerConnection, 'db' | 'listen'>): RightsSource {
  return {
    async changesAfter(sequence, limit) {
      const { kind, scope, name } = rightsSubjects;
      const { onStates: on, offStates: off, sequence: last } = rightsCurrent;
      const rows = await reading(
        db
          .select({ kind, scope, name, on, off, sequence: last })
          .from(rightsCurrent)
          .innerJoin(rightsSubjects, eq(rightsSubjects.id, rightsCurrent.subjectId))
          .where(gt(last, sequence))
          .orderBy(asc(last))
          .limit(limit)
          .execute(),
      );
      return rows.map((row) => ({
        subject: { kind: row.kind, scope: row.scope, name: row.name },
        states: { on: row.on, off: row.off },
        sequence: row.sequence,
      }));
    },
    async lastSequence() {
      const [row] = await reading(
        db
          .select({ last: max(rightsCurrent.sequence) })
          .from(rightsCurrent)
          .execute(),
      );
      return row?.last ?? 0;
    },
    watch: (changed) => listen(CHANNEL, changed),
  };
}
