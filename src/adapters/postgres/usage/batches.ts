/** The batches that the ledger took of each journal: written once, chained, and read for comparison. */

import { randomBytes } from 'node:crypto';
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { LinkConfiguration, LinkEpoch } from '../../../meter/chain/configurations.ts';
import { contentOf, leavesOf, parseContent } from '../../../meter/chain/leaves.ts';
import { type BatchKind, contentRoot, GENESIS, linkHash, SALT_BYTES } from '../../../meter/chain/link.ts';
import type { TakenBatch, TakenBatches, UsageBatch } from '../../../meter/port.ts';
import { sha256 } from '../../crypto/sha256.ts';
import type { LedgerDb } from '../connection/db.ts';
import { batches, journals } from '../schema.ts';

export interface JournalRow {
  readonly lastSequence: number;
  readonly lastHash: Uint8Array | null;
  /** The ledger's clock at the start of this transaction, in whole milliseconds. */
  readonly nowMs: number;
}

/** Locks the row until the transaction ends, so that a concurrent replay waits and sees the result. */
export async function lockJournalRow(tx: LedgerDb, id: string): Promise<JournalRow> {
  const [row] = await tx
    .insert(journals)
    .values({ id, lastSequence: 0 })
    .onConflictDoUpdate({ target: journals.id, set: { lastSequence: journals.lastSequence } })
    .returning({
      lastSequence: journals.lastSequence,
      lastHash: journals.lastHash,
      nowMs: sql`floor(extract(epoch from now()) * 1000)::float8`.mapWith(Number),
    });
  return row!;
}

/** Adds the next link of the journal's chain and returns its hash. */
export async function addBatch(
  tx: LedgerDb,
  journal: JournalRow,
  batch: Omit<UsageBatch, 'configurations' | 'epochs'> & {
    readonly kind: BatchKind;
    readonly configurations: readonly LinkConfiguration[];
    readonly epochs: readonly LinkEpoch[];
  },
): Promise<Buffer> {
  const { journalId, firstSequence, lastSequence, kind, gaps = [], configurations, epochs } = batch;
  const leaves = leavesOf(batch.usage);
  const salt = randomBytes(SALT_BYTES);
  const previousHash = journal.lastHash ?? GENESIS;
  const facts = {
    journalId,
    firstSequence,
    lastSequence,
    kind,
    takenAtMs: journal.nowMs,
    gaps,
    configurations,
    epochs,
  };
  const hash = Buffer.from(linkHash(previousHash, facts, contentRoot(salt, leaves, sha256), sha256));
  const buckets = leaves.flatMap(([, , rows]) => rows.map(([bucketMs]) => bucketMs));
  await tx.insert(batches).values({
    ...{ journalId, firstSequence, lastSequence, kind, salt, hash },
    takenAt: new Date(journal.nowMs),
    content: contentOf(leaves),
    previousHash: Buffer.from(previousHash),
    fromAt: bucketDate(buckets, Math.min),
    toAt: bucketDate(buckets, Math.max),
  });
  return hash;
}

/** Uses a loop, because a batch may have more buckets than a call takes arguments. */
function bucketDate(buckets: readonly number[], choose: (a: number, b: number) => number): Date | null {
  if (buckets.length === 0) return null;
  return new Date(buckets.reduce((a, b) => choose(a, b)));
}

export async function takenBatches(
  db: LedgerDb,
  journalId: string,
  afterSequence: number,
  limit: number,
): Promise<TakenBatches> {
  const [journal] = await db
    .select({ chainedFrom: journals.chainedFrom })
    .from(journals)
    .where(eq(journals.id, journalId));
  const rows = await db
    .select()
    .from(batches)
    .where(and(eq(batches.journalId, journalId), gt(batches.lastSequence, afterSequence)))
    .orderBy(asc(batches.lastSequence))
    .limit(limit);
  // Unreadable content counts as content that differs. `verify` reports the details.
  const kept = rows.map(
    ({ firstSequence, lastSequence, kind, content }): TakenBatch => ({
      ...{ firstSequence, lastSequence, kind },
      leaves: parseContent(content) ?? [],
    }),
  );
  return { chainedFrom: journal?.chainedFrom ?? 0, batches: kept };
}
