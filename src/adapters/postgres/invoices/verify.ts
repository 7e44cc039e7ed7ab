/** Verifies one issued invoice: from the chained batches to usage, breach, lines, total, seal and audit log. */

import { eq, sql } from 'drizzle-orm';
import type { InvoiceVerification } from '../../../admin/invoice-book.ts';
import { spanOfDays } from '../../../evidence/build.ts';
import { differencesIn } from '../../../evidence/check.ts';
import type { UsageAsOf } from '../../../invoice/seal.ts';
import { parseContent } from '../../../meter/chain/leaves.ts';
import { type Finding, finding } from '../../../verify/finding.ts';
import { invoiceSubject, lineFindings } from '../../../verify/invoice.ts';
import { auditFindings, chainsFindings } from '../../../verify/ledger.ts';
import type { IssuedInvoice, VerifiableLedger } from '../../../verify/port.ts';
import { tariffVersionsOf } from '../../../verify/recompute.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { withLines } from '../billing/account.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { readEvidence } from '../verification/evidence.ts';
import { asOfReads, type UnreadableBatch } from '../verification/rows.ts';
import { withIssued } from './issued.ts';

/** Batches read at once: a batch may be half a megabyte. */
const PAGE_BATCHES = 100;

export async function verifyIssued(db: LedgerDb, invoiceId: string): Promise<InvoiceVerification> {
  return withIssued<InvoiceVerification>(db, invoiceId, async (issued, ledger, tx) => {
    const { asOf, contentHash, usageHash } = issued;
    const isSealed = asOf !== null && contentHash !== null && usageHash !== null;
    const findings = [
      ...(isSealed
        ? await sealedFindings(tx, ledger, issued, asOf)
        : await unsealedFindings(tx, ledger, issued)),
      ...(await auditFindings(ledger, issued)),
    ];
    return { kind: 'verified', isSealed, findings };
  });
}

async function sealedFindings(
  tx: LedgerDb,
  ledger: VerifiableLedger,
  issued: IssuedInvoice,
  asOf: UsageAsOf,
): Promise<Finding[]> {
  const unreadable = await unreadableBatches(tx, asOf);
  const readable = { ...ledger, ...asOfReads(tx, unreadable) };
  const evidence = await readEvidence(tx, readable, issued, asOf, {});
  return [
    ...unreadable.map(({ journal, sequence }) =>
      finding(
        'batch_content',
        `journals/${journal}/${sequence}`,
        'leaves as they are written',
        'something else',
      ),
    ),
    ...(await chainsFindings(ledger, issued.invoice, asOf, sha256)),
    ...differencesIn(evidence, sha256, invoiceSubject(issued.invoice)),
  ];
}

/** Statements on the content of such a batch would fail, so they leave it out. */
async function unreadableBatches(tx: LedgerDb, asOf: UsageAsOf): Promise<UnreadableBatch[]> {
  const span = spanOfDays(asOf);
  const unreadable: UnreadableBatch[] = [];
  for (let after = { journal: '', sequence: 0 }; ; ) {
    const rows = await rowsOf(
      tx,
      sql`
      select journal_id, last_sequence::float8 as sequence, content from batches
      where (journal_id, last_sequence) > (${after.journal}, ${after.sequence}::bigint)
        and to_at >= ${new Date(span.fromMs).toISOString()}::timestamptz
        and from_at < ${new Date(span.toMs).toISOString()}::timestamptz
      order by journal_id, last_sequence limit ${PAGE_BATCHES}`,
    );
    const page = rows.map((row) => ({ journal: String(row.journal_id), sequence: Number(row.sequence) }));
    unreadable.push(...page.filter((_, at) => parseContent(String(rows[at]!.content)) === null));
    if (page.length < PAGE_BATCHES) return unreadable;
    after = page.at(-1)!;
  }
}

async function unsealedFindings(tx: LedgerDb, ledger: VerifiableLedger, { invoice }: IssuedInvoice) {
  const rows = await tx.select().from(invoices).where(eq(invoices.clientId, invoice.clientId));
  const issued = (await withLines(tx, rows)).filter(({ status }) => status === 'issued');
  return lineFindings(invoice, issued, tariffVersionsOf(await ledger.tariffs()) ?? []);
}
