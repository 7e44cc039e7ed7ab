/**
 * The configurations under which the batches of a journal were metered. Each is written with the batch that begins
 * with it.
 */

import { and, asc, eq, lte } from 'drizzle-orm';
import { inForce, type LinkConfiguration } from '../../../meter/chain/configurations.ts';
import type { UsageBatch } from '../../../meter/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { configurations, journalConfigurations } from '../schema.ts';

type Records = Pick<UsageBatch, 'journalId' | 'firstSequence' | 'lastSequence' | 'configurations'>;

/** Writes the configurations that begin with the batch. Returns all that apply to it, for its link in the chain. */
export async function takeConfigurations(
  tx: LedgerDb,
  batch: Records,
): Promise<readonly LinkConfiguration[]> {
  const { journalId, firstSequence, lastSequence } = batch;
  for (const { sequence, hash, content, version, fromMs } of batch.configurations ?? []) {
    if (content !== null) await tx.insert(configurations).values({ hash, content }).onConflictDoNothing();
    await tx
      .insert(journalConfigurations)
      .values({ journalId, sequence, hash, version, fromAt: new Date(fromMs) });
  }
  return inForce(await journalConfigurationsOf(tx, journalId, lastSequence), firstSequence, lastSequence);
}

/** All configurations of a journal up to the record `last`, in order: one for each start or change of the gateway. */
export async function journalConfigurationsOf(
  tx: LedgerDb,
  journalId: string,
  last: number,
): Promise<LinkConfiguration[]> {
  const rows = await tx
    .select()
    .from(journalConfigurations)
    .where(and(eq(journalConfigurations.journalId, journalId), lte(journalConfigurations.sequence, last)))
    .orderBy(asc(journalConfigurations.sequence));
  return rows.map(({ sequence, hash, version, fromAt }) => ({
    ...{ sequence, hash, version },
    fromMs: fromAt.getTime(),
  }));
}
