/**
 * Takes a batch of usage into the ledger: its usage, its link in the journal's chain, and its sequence, in one
 * transaction.
 */

import { eq, sql } from 'drizzle-orm';
import type { JournalGap } from '../../../meter/gaps.ts';
import { mergeGaps } from '../../../meter/gaps.ts';
import { moved, postsMoved } from '../../../meter/moves.ts';
import type { UsageBatch } from '../../../meter/port.ts';
import { holdClients } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { gaps, journals } from '../schema.ts';
import { takeConfigurations } from './batch-configurations.ts';
import { addBatch, type JournalRow, lockJournalRow } from './batches.ts';
import { addMovedPosts, movesOf } from './moves.ts';
import { addUsage } from './statements.ts';

/**
 * Usage further ahead of the ledger's clock than this is not trusted, because a gateway's clock may be minutes off.
 */
const MAX_AHEAD_MS = 3 * 60_000;

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
    await holdFutureUsage(tx, batch, journal.nowMs);
  }
  const ended = mergeGaps(batch.gaps ?? []);
  if (ended.length > 0) await tx.insert(gaps).values(gapRows(batch, ended));
  const configurations = await takeConfigurations(tx, batch);
  const hash = await addBatch(tx, journal, { kind: 'usage', ...batch, gaps: ended, configurations });
  await addMovedPosts(tx, postsMoved(batch.usage, usage));
  return setSequence(tx, batch, hash);
}

/** Marks lost records in the chain. The affected clients are unknown. */
export async function skipLostIn(tx: LedgerDb, lost: Identity, reason: string): Promise<number> {
  const journal = await lockJournalRow(tx, lost.journalId);
  if (!follows(lost, journal)) return journal.lastSequence;
  await holdClients(tx, [{ clientId: null, code: 'records_lost', reason }], 'postmeter');
  const configurations = await takeConfigurations(tx, lost);
  const hash = await addBatch(tx, journal, { kind: 'lost', ...lost, usage: [], configurations });
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

/** Stores the usage but puts the client on hold, because either clock may be wrong. */
async function holdFutureUsage(tx: LedgerDb, { journalId, usage }: UsageBatch, nowMs: number) {
  const ahead = usage.filter(({ bucketMs, posts }) => posts > 0 && bucketMs > nowMs + MAX_AHEAD_MS);
  const clientIds = [...new Set(ahead.map(({ clientId }) => clientId))];
  if (clientIds.length === 0) return;
  const furthest = new Date(Math.max(...ahead.map(({ bucketMs }) => bucketMs))).toISOString();
  const reason =
    `journal ${journalId} has usage of ${furthest}, although the ledger's clock showed ${new Date(nowMs).toISOString()}: ` +
    "one of the two clocks is wrong. Correct that clock, check the client's usage, and release the hold.";
  await holdClients(
    tx,
    clientIds.map((clientId) => ({ clientId, code: 'future_usage', reason })),
    'postmeter',
  );
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
