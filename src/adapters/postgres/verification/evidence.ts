/** Reads the parts of an invoice's evidence from the ledger. */

import { and, asc, eq, gte, inArray, lt, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import { buildEvidence, ChainShown, spanOfDays } from '../../../evidence/build.ts';
import type { Evidence, EvidenceChain } from '../../../evidence/format.ts';
import type { UsageAsOf } from '../../../invoice/seal.ts';
import type { IssuedInvoice, VerifiableLedger } from '../../../verify/port.ts';
import { earlierOf } from '../../../verify/recompute.ts';
import { type UsageScope, usageScope } from '../../../verify/rows.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { withLines } from '../billing/account.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { rightsPolicies } from '../rights/tables.ts';
import { configurations, gaps, invoices } from '../schema.ts';
import { issuedOf } from './account.ts';
import { batchPages } from './batches.ts';
import { movesUntil, openingRows } from './rows.ts';

/** The issued invoice with this id or number as printed; null if there is none. */
export async function findIssued(tx: LedgerDb, name: string): Promise<IssuedInvoice | null> {
  const numbers = numbersAtEnd(name);
  if (numbers.length === 0 && !validate(name)) return null;
  const rows = await tx
    .select()
    .from(invoices)
    .where(
      and(
        eq(invoices.status, 'issued'),
        validate(name)
          ? eq(invoices.id, name)
          : and(
              inArray(invoices.number, numbers),
              sql`coalesce(${invoices.document}->>'displayNumber', ${invoices.number}::text) = ${name}`,
            ),
      ),
    );
  const [issued] = issuedOf(rows, await withLines(tx, rows));
  return issued ?? null;
}

/** The numbers that a printed number may end with, because a prefix may end with digits. */
function numbersAtEnd(name: string): number[] {
  const [digits = ''] = /\d{1,15}$/.exec(name) ?? [];
  return Array.from(digits, (_digit, at) => Number(digits.slice(at)));
}

/** `rules` are the settings by which posts were counted, for usage without a recorded configuration. */
export async function readEvidence(
  tx: LedgerDb,
  ledger: VerifiableLedger,
  issued: IssuedInvoice,
  asOf: UsageAsOf,
  rules: Evidence['rules'],
): Promise<Evidence> {
  const { clientId } = issued.invoice;
  const span = spanOfDays(asOf);
  const moves = await movesUntil(tx, asOf.lastMove);
  const concerned = usageScope(clientId, moves);
  const before = await tx
    .select()
    .from(invoices)
    .where(and(eq(invoices.clientId, clientId), eq(invoices.status, 'issued')))
    .orderBy(asc(invoices.issuedAt), asc(invoices.number));
  const versions = new Set(asOf.tariffVersionIds);
  const opening = await openingRows(tx, span, concerned);
  const chains = await chainsOf(tx, asOf, concerned);
  return buildEvidence({
    ...{ issued, asOf, rules, moves },
    earlier: earlierOf(issued.invoice, before.length === 0 ? [] : await withLines(tx, before)),
    rows: await ledger.rowsAsOf(clientId, { ...asOf, ...span }),
    tariffs: (await ledger.tariffs()).filter(({ id }) => versions.has(id)),
    opening: opening.map((row) => [row.clientId, row.identifierId, row.bucketMs, row.posts]),
    gaps: await gapsIn(tx, span),
    chains,
    configurations: await textsOf(tx, chains),
    policies: await policiesOf(tx, chains),
    madeAtMs: ledger.nowMs,
  });
}

async function textsOf(tx: LedgerDb, chains: readonly EvidenceChain[]) {
  const named = chains.flatMap((chain) => (chain.configurations ?? []).map(({ hash }) => hash));
  const hashes = [...new Set(named)].sort();
  const rows = await tx.select().from(configurations).where(inArray(configurations.hash, hashes));
  const texts = new Map(rows.map(({ hash, content }) => [hash, content]));
  return hashes.map((hash) => ({ hash, content: texts.get(hash) ?? null }));
}

async function policiesOf(
  tx: LedgerDb,
  chains: readonly EvidenceChain[],
): Promise<NonNullable<Evidence['policies']>> {
  const named = chains.flatMap((chain) => (chain.epochs ?? []).map(({ policyVersion }) => policyVersion));
  const rows = await tx
    .select()
    .from(rightsPolicies)
    .where(inArray(rightsPolicies.version, [...new Set(named)]))
    .orderBy(asc(rightsPolicies.version));
  return rows.map(({ version, validFrom, sha256: hash, document }) => ({
    ...{ version, validFromMs: validFrom.getTime(), sha256: hash },
    document: document as Record<string, unknown>,
  }));
}

async function gapsIn(tx: LedgerDb, span: { fromMs: number; toMs: number }): Promise<Evidence['gaps']> {
  const rows = await tx
    .select()
    .from(gaps)
    .where(and(gte(gaps.toAt, new Date(span.fromMs)), lt(gaps.fromAt, new Date(span.toMs))))
    .orderBy(asc(gaps.fromAt), asc(gaps.journalId));
  return rows.map(({ journalId, fromAt, toAt, responses, posts }) => [
    ...([journalId, fromAt.getTime(), toAt.getTime()] as const),
    ...([responses, posts] as const),
  ]);
}

async function chainsOf(tx: LedgerDb, asOf: UsageAsOf, concerned: UsageScope): Promise<EvidenceChain[]> {
  const chains: EvidenceChain[] = [];
  const span = spanOfDays(asOf);
  for (const journalId of Object.keys(asOf.journals).sort()) {
    const [ends] = await rowsOf(
      tx,
      sql`
      select min(first_sequence)::float8 as first, max(last_sequence)::float8 as last from batches
      where journal_id = ${journalId} and last_sequence <= ${asOf.journals[journalId]}
        and to_at >= ${new Date(span.fromMs).toISOString()}::timestamptz
        and from_at < ${new Date(span.toMs).toISOString()}::timestamptz`,
    );
    if (typeof ends?.last !== 'number') continue;
    const shown = new ChainShown(journalId, concerned, span, sha256);
    for await (const page of batchPages(tx, journalId, Number(ends.first) - 1, ends.last)) {
      for (const batch of page) shown.add(batch);
    }
    const chain = shown.chain();
    if (chain !== null) chains.push(chain);
  }
  return chains;
}
