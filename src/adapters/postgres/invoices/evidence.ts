/** The evidence of one issued invoice, unsigned, as `postmeter evidence` reads it before it signs. */

import { eq } from 'drizzle-orm';
import type { InvoiceEvidence } from '../../../admin/invoice-book.ts';
import { checkEvidence } from '../../../evidence/check.ts';
import { chainsFindings } from '../../../verify/ledger.ts';
import { sha256 } from '../../crypto/sha256.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { findIssued, readEvidence } from '../verification/evidence.ts';
import { withVerifiableLedger } from '../verification/verification.ts';

export async function unsignedEvidence(db: LedgerDb, invoiceId: string): Promise<InvoiceEvidence> {
  return withVerifiableLedger(db, async (ledger, tx) => {
    const issued = await findIssued(tx, invoiceId);
    if (issued === null) {
      const [row] = await tx.select({ id: invoices.id }).from(invoices).where(eq(invoices.id, invoiceId));
      return { kind: row === undefined ? 'not_found' : 'not_issued' };
    }
    const { asOf, contentHash, usageHash } = issued;
    if (asOf === null || contentHash === null || usageHash === null) return { kind: 'not_sealed' };
    const evidence = await readEvidence(tx, ledger, issued, asOf, {});
    const findings = [
      ...checkEvidence(evidence, sha256),
      ...(await chainsFindings(ledger, issued.invoice, asOf, sha256)),
    ];
    if (findings.length > 0) return { kind: 'differs' };
    const bytes = new TextEncoder().encode(JSON.stringify(evidence));
    return { kind: 'evidence', number: issued.invoice.number ?? 0, evidence, sha256: sha256(bytes) };
  });
}
