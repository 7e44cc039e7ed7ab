/** Writes `claim.expiring` for drafts and for issued invoices with a balance, once for each expiry and notice. */

import { and, eq, gt, inArray, isNotNull, sql } from 'drizzle-orm';
import type { Invoice } from '../../../invoice/model.ts';
import { expiryEvent, type ToldExpiry } from '../../../notify/claim-events.ts';
import type { NewEvent } from '../../../notify/event.ts';
import { claimNoticeOn } from '../../../receivable/claim-notice.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import { type ClaimExpiry, claimExpiries } from '../../../seller/claim-expiry.ts';
import { clauseAt } from '../../../seller/clause.ts';
import { issuingFacts } from '../billing/issuing-facts.ts';
import { invoiceOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { events } from '../notify/tables.ts';
import { writeEvents } from '../notify/write-events.ts';
import { breaches, invoices } from '../schema.ts';
import { receivables } from './tables.ts';

interface ExpiringClaim extends ToldExpiry {
  readonly expiries: readonly ClaimExpiry[];
}

/** Processes take turns, so that each event is written once. */
export function watchExpiringClaims(db: LedgerDb, nowMs: number): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:claims'))`);
    const claims = [...(await issuedClaims(tx)), ...(await draftedClaims(tx))];
    const due = claims.flatMap((claim) => noticesOf(claim, nowMs));
    if (due.length === 0) return;
    const subjects = [...new Set(due.map(({ subject }) => subject))];
    const reported = await tx
      .select({ subject: events.subject, data: events.data })
      .from(events)
      .where(and(eq(events.type, 'claim.expiring'), inArray(events.subject, subjects)));
    const known = new Set(reported.map(({ subject, data }) => keyOf(subject, data)));
    await writeEvents(
      tx,
      due.filter(({ subject, data }) => !known.has(keyOf(subject, data))),
    );
  });
}

function noticesOf({ expiries, ...claim }: ExpiringClaim, nowMs: number): NewEvent[] {
  return expiries.flatMap(({ label, on }) => {
    const days = claimNoticeOn(on, utcDateOf(nowMs));
    return days === null ? [] : [expiryEvent(claim, { label: label.en ?? '', on, days }, nowMs)];
  });
}

function keyOf(subject: string, { label, on, days }: NewEvent['data']): string {
  return JSON.stringify([subject, label, on, days]);
}

async function issuedClaims(tx: LedgerDb): Promise<ExpiringClaim[]> {
  const rows = await tx
    .select({ receivable: receivables, document: invoices.document })
    .from(receivables)
    .innerJoin(invoices, eq(invoices.id, receivables.invoiceId))
    .where(and(gt(receivables.balanceMinor, 0n), isNotNull(invoices.document)));
  return rows.map(({ receivable, document }) => {
    const { invoiceId, clientId, currency, balanceMinor } = receivable;
    return { invoiceId, clientId, currency, amountMinor: balanceMinor, expiries: document!.claimExpiries };
  });
}

/** Drafts of damages, under the clause that they would cite if they were issued now. */
async function draftedClaims(tx: LedgerDb): Promise<ExpiringClaim[]> {
  const rows = await tx
    .select({ invoice: invoices, fromAt: breaches.fromAt })
    .from(invoices)
    .innerJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(and(inArray(invoices.status, ['draft', 'approved']), gt(invoices.amountMinor, 0n)));
  if (rows.length === 0) return [];
  const drafts: Invoice[] = rows.map(({ invoice }) => invoiceOf(invoice, []));
  const facts = await issuingFacts(tx, drafts, false);
  return rows.map(({ invoice, fromAt }, at) => {
    const { clauses, seller } = facts[at]!;
    const { id, clientId, currency, amountMinor } = invoice;
    const clause = clauseAt(clauses, seller?.clauseFamily ?? null, currency, fromAt.getTime());
    const expiries = clause === null ? [] : claimExpiries(clause.claimPeriods, fromAt.getTime());
    return { invoiceId: id, clientId, currency, amountMinor, expiries };
  });
}
