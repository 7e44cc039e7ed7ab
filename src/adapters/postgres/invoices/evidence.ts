/** The evidence of one issued invoice, unsigned, as `postmeter evidence` reads it before it signs. */

import type { InvoiceEvidence } from '../../../admin/invoice-book.ts';
import { checkEvidence } from '../../../evidence/check.ts';
import { chainsFindings } from '../../../verify/ledger.ts';
import { sha256 } from '../../crypto/sha256.ts';
import type { LedgerDb } from '../connection/db.ts';
import { readEvidence } from '../verification/evidence.ts';
import { withIssued } from './issued.ts';

export async function unsignedEvidence(db: LedgerDb, invoiceId: string): Promise<InvoiceEvidence> {
  return withIssued<InvoiceEvidence>(db, invoiceId, async (issued, ledger, tx) => {
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
