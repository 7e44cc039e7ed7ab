/** The ledger as verification reads it on PostgreSQL and PGlite: one snapshot, without writes. */

import { asc, sql } from 'drizzle-orm';
import { finding } from '../../../verify/finding.ts';
import type { JournalState, VerifiableLedger } from '../../../verify/port.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { journals } from '../schema.ts';
import { accountReads } from './account.ts';
import { auditDifferences } from './audit.ts';
import { batchPages } from './batches.ts';
import { bookDifferences } from './book.ts';
import { strayConfigurations } from './configurations.ts';
import { notesOf } from './notes.ts';
import { settingGaps, subjectPages } from './rights.ts';
import { asOfReads, type UnreadableBatch } from './rows.ts';
import { usageReads } from './usage.ts';

/**
 * Runs `work` in one repeatable-read transaction that writes only a temporary table and is rolled back at its end.
 * It blocks no other transaction.
 */
export async function withVerifiableLedger<T>(
  db: LedgerDb,
  work: (ledger: VerifiableLedger, tx: LedgerDb) => Promise<T>,
): Promise<T> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`set local statement_timeout = 0`);
      await tx.execute(sql`set local idle_in_transaction_session_timeout = 0`);
      await tx.execute(sql`set local time zone 'UTC'`);
      return work(await verifiableLedger(tx), tx);
    },
    { isolationLevel: 'repeatable read' },
  );
}

async function verifiableLedger(tx: LedgerDb): Promise<VerifiableLedger> {
  const [clock] = await rowsOf(tx, sql`select floor(extract(epoch from now()) * 1000)::float8 as now_ms`);
  const unreadable: UnreadableBatch[] = [];
  return {
    nowMs: Number(clock?.now_ms),
    journals: () => journalStates(tx),
    batches: (journalId) => batchPages(tx, journalId),
    strays: async () => [...(await strayGaps(tx)), ...(await strayConfigurations(tx))],
    ...usageReads(tx, unreadable),
    ...asOfReads(tx, unreadable),
    auditDifferences: async () => [...(await auditDifferences(tx)), ...(await bookDifferences(tx))],
    ...accountReads(tx),
    settingGaps: () => settingGaps(tx),
    subjects: () => subjectPages(tx),
    notes: () => notesOf(tx),
  };
}

async function journalStates(tx: LedgerDb): Promise<JournalState[]> {
  const rows = await tx.select().from(journals).orderBy(asc(journals.id));
  return rows.map(({ takenAt, ...state }) => state);
}

async function strayGaps(tx: LedgerDb) {
  const rows = await rowsOf(
    tx,
    sql`
    select journal_id, sequence, posts from gaps
    where not exists (
      select from batches where batches.journal_id = gaps.journal_id and batches.last_sequence = gaps.sequence)
    order by journal_id, sequence limit 1000`,
  );
  return rows.map((row) =>
    finding(
      'gap_unlinked',
      `journals/${row.journal_id}/${row.sequence}`,
      'a batch that ends with it',
      `a gap of ${row.posts} posts alone`,
    ),
  );
}
