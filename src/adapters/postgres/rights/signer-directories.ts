/** What the admin API shows of the directories of signers. */

import { desc } from 'drizzle-orm';
import type { SignerDirectoryRecord } from '../../../admin/agents/port.ts';
import { type LedgerDb, orLedgerFailure } from '../connection/db.ts';
import { agentDirectories } from './tables.ts';

const MAX_SHOWN = 1_000;

/** At most 1,000, those that were tried last. */
export async function signerDirectories(db: LedgerDb): Promise<SignerDirectoryRecord[]> {
  const { url, fetchedAt, freshUntil, failure, failures, triedAt } = agentDirectories;
  const columns = { url, fetchedAt, freshUntil, failure, failures, triedAt };
  const rows = await orLedgerFailure(
    'the directories of signers cannot be read',
    db.select(columns).from(agentDirectories).orderBy(desc(agentDirectories.triedAt)).limit(MAX_SHOWN),
  );
  return rows.map((row) => ({
    ...{ url: row.url, failure: row.failure, failures: row.failures },
    triedAtMs: row.triedAt.getTime(),
    fetchedAtMs: row.fetchedAt?.getTime() ?? null,
    freshUntilMs: row.freshUntil?.getTime() ?? null,
  }));
}
