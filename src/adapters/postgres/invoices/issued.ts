/** Reads one issued invoice of a ledger that can be verified, or says why there is none. */

import { eq } from 'drizzle-orm';
import type { IssuedInvoice, VerifiableLedger } from '../../../verify/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { findIssued } from '../verification/evidence.ts';
import { withVerifiableLedger } from '../verification/verification.ts';

/** Calls `use` in the transaction that has found the invoice. */
export function withIssued<Result>(
  db: LedgerDb,
  invoiceId: string,
  use: (issued: IssuedInvoice, ledger: VerifiableLedger, tx: LedgerDb) => Promise<Result>,
): Promise<Result | { readonly kind: 'not_found' | 'not_issued' }> {
  return withVerifiableLedger(db, async (ledger, tx) => {
    const issued = await findIssued(tx, invoiceId);
    if (issued !== null) return use(issued, ledger, tx);
    const [row] = await tx.select({ id: invoices.id }).from(invoices).where(eq(invoices.id, invoiceId));
    return { kind: row === undefined ? 'not_found' : 'not_issued' };
  });
}
