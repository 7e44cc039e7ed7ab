/** Batches as verification and evidence read them: in order, page by page, each with the gaps that ended with it. */

import { and, asc, eq, gt, lte } from 'drizzle-orm';
import { inForce, type LinkConfiguration, type LinkEpoch } from '../../../meter/chain/configurations.ts';
import type { JournalGap } from '../../../meter/gaps.ts';
import type { KeptBatch } from '../../../verify/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { batches, gaps } from '../schema.ts';
import { journalConfigurationsOf } from '../usage/batch-configurations.ts';
import { journalEpochsOf } from '../usage/batch-epochs.ts';

/** Batches read at once. A batch has up to 10,000 rows of usage, half a megabyte. */
const PAGE_BATCHES = 100;

/** The batches of a journal that end after `after`, up to the one that ends with `last`; by default all. */
export async function* batchPages(
  tx: LedgerDb,
  journalId: string,
  after = -1,
  last = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<KeptBatch[]> {
  const configurations = await journalConfigurationsOf(tx, journalId, last);
  for (let from = after; from < last; ) {
    const { journalId: id, lastSequence } = batches;
    const rows = await tx
      .select()
      .from(batches)
      .where(and(eq(id, journalId), gt(lastSequence, from), lte(lastSequence, last)))
      .orderBy(asc(lastSequence))
      .limit(PAGE_BATCHES);
    if (rows.length === 0) return;
    const until = rows.at(-1)!.lastSequence;
    const ended = await gapsBetween(tx, journalId, from, until);
    const epochs = await journalEpochsOf(tx, journalId, rows[0]!.firstSequence, until);
    yield rows.map((row) => keptBatchOf(row, ended.get(row.lastSequence) ?? [], configurations, epochs));
    if (rows.length < PAGE_BATCHES) return;
    from = until;
  }
}

function keptBatchOf(
  row: typeof batches.$inferSelect,
  ended: readonly JournalGap[],
  configurations: readonly LinkConfiguration[],
  epochs: readonly LinkEpoch[],
): KeptBatch {
  const { takenAt, fromAt, toAt, ...same } = row;
  return {
    ...same,
    takenAtMs: takenAt.getTime(),
    fromMs: fromAt?.getTime() ?? null,
    toMs: toAt?.getTime() ?? null,
    gaps: ended,
    configurations: inForce(configurations, row.firstSequence, row.lastSequence),
    epochs: inForce(epochs, row.firstSequence, row.lastSequence),
  };
}

/** The gaps of the batches after `after` and up to `last`, by the batch's last sequence, in order of time. */
async function gapsBetween(
  tx: LedgerDb,
  journalId: string,
  after: number,
  last: number,
): Promise<Map<number, JournalGap[]>> {
  const rows = await tx
    .select()
    .from(gaps)
    .where(and(eq(gaps.journalId, journalId), gt(gaps.sequence, after), lte(gaps.sequence, last)))
    .orderBy(asc(gaps.sequence), asc(gaps.fromAt));
  const ended = new Map<number, JournalGap[]>();
  for (const { sequence, fromAt, toAt, responses, posts } of rows) {
    const gap = { fromMs: fromAt.getTime(), toMs: toAt.getTime(), responses, posts };
    ended.set(sequence, [...(ended.get(sequence) ?? []), gap]);
  }
  return ended;
}
