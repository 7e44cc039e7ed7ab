/** The ledger as verification reads it, the same on PostgreSQL and PGlite: one moment, and nothing written. */

import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { JournalGap } from '../../meter/port.ts';
import { finding } from '../../verify/finding.ts';
import type { JournalState, KeptBatch, VerifiableLedger } from '../../verify/port.ts';
import { type LedgerDb, rowsOf } from './db.ts';
import { batches, gaps, journals } from './schema.ts';
import { bookReads } from './verification-books.ts';
import { notesOf } from './verification-notes.ts';
import { asOfReads, type UnreadableBatch } from './verification-rows.ts';
import { usageReads } from './verification-usage.ts';

/** Batches read at once: a batch holds up to 10,000 rows of usage, half a megabyte. */
const PAGE_BATCHES = 100;

/**
 * Runs `work` in one repeatable-read transaction that writes nothing but a temporary table of its own, and is taken
 * back at its end. Nobody waits for it.
 */
export async function withVerifiableLedger<T>(
  db: LedgerDb,
  work: (ledger: VerifiableLedger, tx: LedgerDb) => Promise<T>,
): Promise<T> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`set local statement_timeout = 0`);
      await tx.execute(sql`set local time zone 'UTC'`);
      return work(await verifiableLedger(tx), tx);
    },
    { isolationLevel: 'repeatable read' },
  );
}

/** Whether the database holds a ledger with chained batches: what verification needs. */
export async function isVerifiable(db: LedgerDb): Promise<boolean> {
  const [row] = await rowsOf(db, sql`select to_regclass('opening_usage') is not null as is_there`);
  return row?.is_there === true;
}

async function verifiableLedger(tx: LedgerDb): Promise<VerifiableLedger> {
  const [clock] = await rowsOf(tx, sql`select floor(extract(epoch from now()) * 1000)::float8 as now_ms`);
  const unreadable: UnreadableBatch[] = [];
  return {
    nowMs: Number(clock?.now_ms),
    journals: () => journalStates(tx),
    batches: (journalId) => batchPages(tx, journalId),
    strayGaps: () => strayGaps(tx),
    ...usageReads(tx, unreadable),
    ...asOfReads(tx, unreadable),
    ...bookReads(tx),
    notes: () => notesOf(tx),
  };
}

async function journalStates(tx: LedgerDb): Promise<JournalState[]> {
  const rows = await tx.select().from(journals).orderBy(asc(journals.id));
  return rows.map(({ takenAt, ...state }) => state);
}

async function* batchPages(tx: LedgerDb, journalId: string): AsyncGenerator<KeptBatch[]> {
  let after = -1;
  for (;;) {
    const rows = await tx
      .select()
      .from(batches)
      .where(and(eq(batches.journalId, journalId), gt(batches.lastSequence, after)))
      .orderBy(asc(batches.lastSequence))
      .limit(PAGE_BATCHES);
    if (rows.length === 0) return;
    const last = rows.at(-1)!.lastSequence;
    const ended = await gapsBetween(tx, journalId, after, last);
    yield rows.map((row) => keptBatchOf(row, ended.get(row.lastSequence) ?? []));
    if (rows.length < PAGE_BATCHES) return;
    after = last;
  }
}

export function keptBatchOf(row: typeof batches.$inferSelect, ended: readonly JournalGap[]): KeptBatch {
  const { takenAt, fromAt, toAt, ...same } = row;
  return {
    ...same,
    takenAtMs: takenAt.getTime(),
    fromMs: fromAt?.getTime() ?? null,
    toMs: toAt?.getTime() ?? null,
    gaps: ended,
  };
}

/** The gaps of the batches after `after` and up to `last`, by the batch's last sequence, in order of time. */
export async function gapsBetween(
  tx: LedgerDb,
  journalId: string,
  after: number,
  last: number,
): Promise<Map<number, JournalGap[]>> {
  const rows = await tx
    .select()
    .from(gaps)
    .where(and(eq(gaps.journalId, journalId), gt(gaps.sequence, after), sql`${gaps.sequence} <= ${last}`))
    .orderBy(asc(gaps.sequence), asc(gaps.fromAt));
  const ended = new Map<number, JournalGap[]>();
  for (const { sequence, fromAt, toAt, responses, posts } of rows) {
    const gap = { fromMs: fromAt.getTime(), toMs: toAt.getTime(), responses, posts };
    ended.set(sequence, [...(ended.get(sequence) ?? []), gap]);
  }
  return ended;
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
