/** The epochs of a journal: under which policy and registry of rights requests were decided. */

import { and, asc, eq, gte, lte, sql } from 'drizzle-orm';
import { inForce, type LinkEpoch } from '../../../meter/chain/configurations.ts';
import type { UsageBatch } from '../../../meter/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { journalEpochs } from '../rights/tables.ts';

type Records = Pick<UsageBatch, 'journalId' | 'firstSequence' | 'lastSequence' | 'epochs'>;

/** Writes the epochs that begin with the batch. Returns all that apply to it, for its link in the chain. */
export async function takeEpochs(tx: LedgerDb, batch: Records): Promise<readonly LinkEpoch[]> {
  const { journalId, firstSequence, lastSequence, epochs = [] } = batch;
  const rows = epochs.map(({ atMs, ...epoch }) => ({ journalId, ...epoch, at: new Date(atMs) }));
  if (rows.length > 0) await tx.insert(journalEpochs).values(rows);
  const all = await journalEpochsOf(tx, journalId, firstSequence, lastSequence);
  return inForce(all, firstSequence, lastSequence);
}

/** The epochs that apply to records from `first` to `last`, in order. A journal has up to 1,440 a day. */
export async function journalEpochsOf(
  tx: LedgerDb,
  journalId: string,
  first: number,
  last: number,
): Promise<LinkEpoch[]> {
  const { journalId: id, sequence } = journalEpochs;
  const atFirst = sql`(select max(sequence) from journal_epochs where journal_id = ${journalId} and sequence <= ${first})`;
  const rows = await tx
    .select()
    .from(journalEpochs)
    .where(and(eq(id, journalId), gte(sequence, sql`coalesce(${atFirst}, 0)`), lte(sequence, last)))
    .orderBy(asc(sequence));
  return rows.map(({ at, policyVersion, ...epoch }) => ({
    ...{ sequence: epoch.sequence, policyVersion, rightsSequence: epoch.rightsSequence },
    atMs: at.getTime(),
  }));
}
