/** Reads what the preview of a draft and a letter before action are drawn from: the current usage and settings. */

import { and, gt, lt } from 'drizzle-orm';
import { claimOf } from '../../../document/claim.ts';
import { draftDocument } from '../../../document/draft.ts';
import type { DraftBasis } from '../../../document/port.ts';
import { readingsOf } from '../../../evidence/readings.ts';
import { longestWindowMs, windowPeriods } from '../../../report/windows.ts';
import { usageRowsIn } from '../billing/seal.ts';
import type { LedgerDb } from '../connection/db.ts';
import { readingBasis } from '../invoices/basis.ts';
import { decidableInvoices } from '../invoices/decidable.ts';
import { gaps } from '../schema.ts';
import { identifiersOf, logoOf, offsetsOf } from './claim.ts';

/** Null if there is no such invoice, or if it is neither a draft nor approved. */
export async function draftBasis(
  tx: LedgerDb,
  invoiceId: string,
  bucketSeconds: number,
  nowMs: number,
): Promise<DraftBasis | null> {
  const [found] = await decidableInvoices(tx, [invoiceId]);
  const basis = await readingBasis(tx, invoiceId, bucketSeconds);
  if (found === undefined || basis === null || !['draft', 'approved'].includes(found.invoice.status))
    return null;
  const readings = readingsOf(basis).map(({ name, posts, amount, isUsed }) => ({
    name,
    posts,
    amount,
    isUsed,
  }));
  const drafted = draftDocument(found, readings, nowMs);
  if (drafted.kind !== 'document') return drafted;
  const { asOf, versions } = basis;
  const { document, taxMinor } = drafted;
  const invoice = { ...found.invoice, taxMinor, document };
  const { clientId } = invoice;
  const windowMs = longestWindowMs(windowPeriods(clientId, versions, bucketSeconds, asOf));
  const rows = await usageRowsIn(tx, { clientId, fromMs: asOf.fromMs - windowMs, toMs: asOf.toMs });
  const lost = await tx
    .select()
    .from(gaps)
    .where(and(lt(gaps.fromAt, new Date(asOf.toMs)), gt(gaps.toAt, new Date(asOf.fromMs))))
    .orderBy(gaps.fromAt, gaps.toAt);
  return {
    kind: 'draft',
    contentHash: null,
    claim: claimOf({
      ...{ invoice, document, asOf, rows, versions, seal: null, issuedBy: null },
      identifiers: await identifiersOf(tx, rows),
      gaps: lost.map(({ fromAt, toAt }) => ({ fromMs: fromAt.getTime(), toMs: toAt.getTime() })),
      offsets: await offsetsOf(tx, invoice),
    }),
    logo: await logoOf(tx, document.logo),
  };
}
