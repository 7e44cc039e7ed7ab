/** Takes a batch of usage into the ledger: what it adds, its link in the journal's chain, and its identity, at once. */

import { eq, sql } from 'drizzle-orm';
import { mergeGaps } from '../../meter/gaps.ts';
import { moved, postsMoved } from '../../meter/moves.ts';
import type { JournalGap, UsageBatch } from '../../meter/port.ts';
import { takeConfigurations } from './batch-configurations.ts';
import { addBatch, type JournalRow, lockJournal } from './batches.ts';
import type { LedgerDb } from './db.ts';
import { addMovedPosts, movesOf } from './moves.ts';
import { parkClients } from './parkings.ts';
import { gaps, journals } from './schema.ts';
import { addUsage } from './usage-statements.ts';

/** Usage further ahead of the ledger's clock than this is not believed: a gateway's clock is wrong by minutes. */
const MOST_AHEAD_MS = 3 * 60_000;

type Identity = Pick<UsageBatch, 'journalId' | 'firstSequence' | 'lastSequence'>;

/**
 * A batch that begins after the next record has a gap before it, one that begins earlier was taken in part: neither
 * can be added, and the answer tells the gateway where to go on.
 */
export async function takeIn(tx: LedgerDb, batch: UsageBatch): Promise<number> {
  const journal = await lockJournal(tx, batch.journalId);
  if (!follows(batch, journal)) return journal.lastSequence;
  let usage = batch.usage;
  if (usage.length > 0) {
    usage = moved(usage, await movesOf(tx, usage));
    await addUsage(tx, usage);
    await parkFutureUsage(tx, batch, journal.nowMs);
  }
  const ended = mergeGaps(batch.gaps ?? []);
  if (ended.length > 0) await tx.insert(gaps).values(gapRows(batch, ended));
  const configurations = await takeConfigurations(tx, batch);
  const hash = await addBatch(tx, journal, { kind: 'usage', ...batch, gaps: ended, configurations });
  await addMovedPosts(tx, postsMoved(batch.usage, usage));
  return setSequence(tx, batch, hash);
}

/** Records that nobody has any more: the chain says so, and who is concerned by them nobody knows. */
export async function skipLostIn(tx: LedgerDb, lost: Identity, reason: string): Promise<number> {
  const journal = await lockJournal(tx, lost.journalId);
  if (!follows(lost, journal)) return journal.lastSequence;
  await parkClients(tx, [{ clientId: null, code: 'records_lost', reason }], 'postmeter');
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

/** It is kept, for it may be right and the ledger's clock wrong; but nothing is billed before somebody has looked. */
async function parkFutureUsage(tx: LedgerDb, { journalId, usage }: UsageBatch, nowMs: number) {
  const ahead = usage.filter(({ bucketMs, posts }) => posts > 0 && bucketMs > nowMs + MOST_AHEAD_MS);
  const clientIds = [...new Set(ahead.map(({ clientId }) => clientId))];
  if (clientIds.length === 0) return;
  const furthest = new Date(Math.max(...ahead.map(({ bucketMs }) => bucketMs))).toISOString();
  const reason =
    `journal ${journalId} has usage of ${furthest}, when the ledger's clock stood at ${new Date(nowMs).toISOString()}: ` +
    "one of the two clocks is wrong. Mend it, look at the client's usage, and release the client.";
  await parkClients(
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
