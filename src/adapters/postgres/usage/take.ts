/**
 * Takes a batch of usage into the ledger: its usage, its link in the journal's chain, and its sequence, in one
 * transaction.
 */

import { eq, sql } from 'drizzle-orm';
import { futureUsageHolds } from '../../../meter/future-usage.ts';
import type { JournalGap } from '../../../meter/gaps.ts';
import { mergeGaps } from '../../../meter/gaps.ts';
import { moved, postsMoved } from '../../../meter/moves.ts';
import type { UsageBatch } from '../../../meter/port.ts';
import { holdClients } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { gaps, journals } from '../schema.ts';
import { takeConfigurations } from './batch-configurations.ts';
import { takeEpochs } from './batch-epochs.ts';
import { addBatch, type JournalRow, lockJournalRow } from './batches.ts';
import { addMovedPosts, movesOf } from './moves.ts';
import { addUsage } from './statements.ts';

type Identity = Pick<UsageBatch, 'journalId' | 'firstSequence' | 'lastSequence'>;

/**
 * Returns the journal's last sequence. A batch that begins after the next record has a gap before it, and one that
 * begins earlier was partly taken: neither is added, and the result tells the gateway where to continue.
 */
export async function takeIn(tx: LedgerDb, batch: UsageBatch): Promise<number> {
  const journal = await lockJournalRow(tx, batch.journalId);
  if (!follows(batch, journal)) return journal.lastSequence;
  let usage = batch.usage;
  if (usage.length > 0) {
    usage = moved(usage, await movesOf(tx, usage));
    await addUsage(tx, usage);
    await holdClients(tx, futureUsageHolds({ ...batch, usage }, journal.nowMs), 'postmeter');
  }
  const ended = mergeGaps(batch.gaps ?? []);
  if (ended.length > 0) await tx.insert(gaps).values(gapRows(batch, ended));
  const configurations = await takeConfigurations(tx, batch);
  const epochs = await takeEpochs(tx, batch);
  const hash = await addBatch(tx, journal, { kind: 'usage', ...batch, gaps: ended, configurations, epochs });
  await addMovedPosts(tx, postsMoved(batch.usage, usage));
  return setSequence(tx, batch, hash);
}

/** Marks lost records in the chain. The affected clients are unknown. */
export async function skipLostIn(tx: LedgerDb, lost: Identity, reason: string): Promise<number> {
  const journal = await lockJournalRow(tx, lost.journalId);
  if (!follows(lost, journal)) return journal.lastSequence;
  await holdClients(tx, [{ clientId: null, code: 'records_lost', reason }], 'postmeter');
  const configurations = await takeConfigurations(tx, lost);
  const epochs = await takeEpochs(tx, lost);
  const hash = await addBatch(tx, journal, { kind: 'lost', ...lost, usage: [], configurations, epochs });
  return setSequence(tx, lost, hash);
}

function follows({ firstSequence, lastSequence }: Identity, journal: JournalRow): boolean {
  return firstSequence === journal.lastSequence + 1 && lastSequence > journal.lastSequence;
}

async function setSequence(tx: LedgerDb, { journalId, lastSequence }: Identity, lastHash: Buffer) {
  await tx
    .update(journals)
    .set({ lastSequence, lastHash, takenAt: sql`now()` })
    .where(eq(journals.id, journalId));
  return lastSequence;
}

function gapRows(
  { journalId, lastSequence }: UsageBatch,
  ended: readonly JournalGap[],
): (typeof gaps.$inferInsert)[] {
  return ended.map(({ fromMs, toMs, responses, posts }) => ({
    journalId,
    sequence: lastSequence,
    fromAt: new Date(fromMs),
    toAt: new Date(toMs),
    responses,
    posts,
  }));
}
