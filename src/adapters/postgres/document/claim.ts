/** Reads what the documents of an issued invoice are drawn from, as of its seal: what arrives later changes nothing. */

import { and, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import { claimOf } from '../../../document/claim.ts';
import type { DocumentSeal, IdentifierShare, OffsetInvoice } from '../../../document/input.ts';
import type { ClaimBasis } from '../../../document/port.ts';
import { subjectOfInvoice } from '../../../document/wanted.ts';
import type { Invoice } from '../../../invoice/model.ts';
import { type UsageAsOf, type UsageRow, usageAsOfSchema } from '../../../invoice/seal.ts';
import { longestWindowMs, windowPeriods } from '../../../report/windows.ts';
import { withLines } from '../billing/account.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { rowsAsOf } from '../invoices/basis.ts';
import { audit, gaps, identifiers, invoices, tariffVersions } from '../schema.ts';
import { logos } from '../seller/tables.ts';

const UNSEALED: UsageAsOf = {
  ...{ journals: {}, chains: '', lastMove: 0, fromMs: 0, toMs: 0, bucketSeconds: 60 },
  ...{ tariffVersionIds: [], repeats: [] },
};

/** Null if there is no such issued invoice, or if it is older than documents. */
export async function claimBasis(tx: LedgerDb, invoiceId: string): Promise<ClaimBasis | null> {
  const rows = await tx
    .select()
    .from(invoices)
    .where(and(eq(invoices.id, invoiceId), eq(invoices.status, 'issued')));
  const [invoice] = await withLines(tx, rows);
  const [row] = rows;
  if (invoice === undefined || row === undefined || invoice.document === null) return null;
  const sealed = usageAsOfSchema.safeParse(row.usageAsOf);
  const asOf = sealed.success ? sealed.data : UNSEALED;
  const versions = (
    await tx
      .select()
      .from(tariffVersions)
      .where(inArray(tariffVersions.id, [...asOf.tariffVersionIds]))
  ).map(tariffVersionOf);
  const { clientId, document } = invoice;
  const windowMs = longestWindowMs(windowPeriods(clientId, versions, asOf.bucketSeconds, asOf));
  const usage = sealed.success
    ? await rowsAsOf(tx, clientId, { ...asOf, fromMs: asOf.fromMs - windowMs })
    : [];
  const { contentHash, usageHash } = row;
  const isSealed = sealed.success && contentHash !== null && usageHash !== null;
  const seal: DocumentSeal | null = isSealed ? { contentHash, usageHash, chainsHash: asOf.chains } : null;
  return {
    claim: claimOf({
      ...{ invoice, document, seal, asOf, versions },
      rows: usage,
      identifiers: await identifiersOf(tx, usage),
      gaps: await gapsAsOf(tx, asOf),
      offsets: await offsetsOf(tx, invoice),
      issuedBy: await issuerOf(tx, invoiceId),
    }),
    contentHash,
    logo: await logoOf(tx, document.logo),
  };
}

export async function logoOf(tx: LedgerDb, sha256: string | null): Promise<ClaimBasis['logo']> {
  if (sha256 === null) return null;
  const [logo] = await tx.select().from(logos).where(eq(logos.sha256, sha256));
  return logo === undefined ? null : { type: logo.type, bytes: logo.bytes };
}

export async function identifiersOf(
  tx: LedgerDb,
  rows: readonly UsageRow[],
): Promise<Map<string, Pick<IdentifierShare, 'kind' | 'hint'>>> {
  const ids = [...new Set(rows.map(([, id]) => id))];
  const found = await tx.select().from(identifiers).where(inArray(identifiers.id, ids));
  return new Map(
    found.map(({ id, kind, keyHint, cidr, agent }) => [id, { kind, hint: cidr ?? agent ?? keyHint ?? '' }]),
  );
}

/** Gaps that the ledger knew at the seal and that overlap the stretch or month. */
async function gapsAsOf(tx: LedgerDb, { fromMs, toMs, journals }: UsageAsOf) {
  const rows = await tx
    .select()
    .from(gaps)
    .where(and(lt(gaps.fromAt, new Date(toMs)), gt(gaps.toAt, new Date(fromMs))))
    .orderBy(gaps.fromAt, gaps.toAt);
  return rows
    .filter(({ journalId, sequence }) => sequence <= (journals[journalId] ?? 0))
    .map(({ fromAt, toAt }) => ({ fromMs: fromAt.getTime(), toMs: toAt.getTime() }));
}

export async function offsetsOf(tx: LedgerDb, { lines }: Invoice): Promise<Record<string, OffsetInvoice>> {
  const ids = lines.flatMap(({ offsetsInvoiceId }) => offsetsInvoiceId ?? []);
  const rows = await tx.select().from(invoices).where(inArray(invoices.id, ids));
  return Object.fromEntries(
    rows.map(({ id, number, kind, document, issuedAt }) => [
      id,
      {
        displayNumber: document?.displayNumber ?? String(number),
        kind,
        issuedOn: document?.issuedOn ?? (issuedAt?.toISOString().slice(0, 10) || ''),
      },
    ]),
  );
}

async function issuerOf(tx: LedgerDb, invoiceId: string): Promise<string | null> {
  const [row] = await tx
    .select({ actor: audit.actor })
    .from(audit)
    .where(and(eq(audit.subject, subjectOfInvoice(invoiceId)), eq(audit.action, 'invoice.issued')))
    .orderBy(desc(audit.id))
    .limit(1);
  return row?.actor ?? null;
}
