/**
 * Approves, rejects and issues invoices in the ledger: locks the billing state, applies the rules, and writes the
 * change and its audit row.
 */

import { eq, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import {
  type ApproveOutcome,
  approve,
  type IssueOutcome,
  issue,
  numberRefusal,
  onHold,
  type RejectOutcome,
  reject,
} from '../../../invoice/issue.ts';
import type { Invoice } from '../../../invoice/model.ts';
import type { BillingRules, InvoiceActions, InvoiceNumbers } from '../../../invoice/port.ts';
import { lastGiven, type NumberRegister, type RegisteredNumber } from '../../../invoice/register.ts';
import { isStale, STALE } from '../../../invoice/stale.ts';
import { sumOfDays, type UniqueCount } from '../../../report/unique.ts';
import { writeAudit } from '../admin/audit.ts';
import { holdOf } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { breaches, clients, invoices } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import { uniqueDaysOf } from '../usage/unique-days.ts';
import { lockAccount, withLines } from './account.ts';
import { invoiceNumbersIn, lockSeries, setLast } from './invoice-series.ts';
import { breachOf, invoiceRow, tariffVersionOf } from './rows.ts';
import { type Seal, sealInvoice } from './seal.ts';

/** `register` stores the numbers outside the database; null in tests that restore nothing. */
export function invoiceActions(
  db: LedgerDb,
  rules: BillingRules,
  register: NumberRegister | null = null,
): InvoiceActions & InvoiceNumbers {
  return {
    ...invoiceNumbersIn(db, register),
    approveInvoice: (id, actor, nowMs) =>
      db.transaction(async (tx): Promise<ApproveOutcome> => {
        const found = await lockInvoice(tx, id);
        if (found === null) return { kind: 'not_found' };
        if (found.hold !== null) return onHold(found.hold);
        const outcome = approve(found.invoice, found.breach, rules, actor, nowMs);
        if (outcome.kind !== 'approved') return outcome;
        await tx.update(invoices).set(invoiceRow(outcome.invoice)).where(eq(invoices.id, id));
        await auditAction(tx, 'invoice.approved', found.invoice, outcome.invoice, { actor, atMs: nowMs });
        return outcome;
      }),

    rejectInvoice: (id, reason, actor, nowMs) =>
      db.transaction(async (tx): Promise<RejectOutcome> => {
        const found = await lockInvoice(tx, id);
        if (found === null) return { kind: 'not_found' };
        const outcome = reject(found.invoice, actor, reason, nowMs);
        if (outcome.kind !== 'rejection') return outcome;
        await tx.update(invoices).set(invoiceRow(outcome.invoice)).where(eq(invoices.id, id));
        const [before, after] = [auditOf(found.invoice), auditOf(outcome.invoice)];
        const entry = { action: 'invoice.rejected', subject: `invoices/${id}`, reason, before, after };
        await writeAudit(tx, { actor, atMs: nowMs }, entry);
        return outcome;
      }),

    issueInvoice: async (id, actor, nowMs) => {
      let issued: RegisteredNumber | undefined;
      const result = await db.transaction(async (tx): Promise<IssueOutcome> => {
        const found = await lockInvoice(tx, id);
        if (found === null) return { kind: 'not_found' };
        if (found.hold !== null) return onHold(found.hold);
        const outcome = issue(found.invoice, found.breach, found.client, rules, nowMs);
        if (outcome.kind !== 'may_issue') return outcome;
        if (await isOutOfDate(tx, found, rules.bucketSeconds)) return STALE;
        const number = (await lockSeries(tx)) + 1;
        const refusal = register === null ? null : numberRefusal(number, lastGiven(await register.read()));
        if (refusal !== null) return refusal;
        await setLast(tx, number);
        const invoice = { ...outcome.invoice, number };
        const unique = await uniquePostsOf(tx, invoice);
        const seal = await sealInvoice(tx, invoice, found.breach, unique, rules.bucketSeconds);
        await tx
          .update(invoices)
          .set({ ...invoiceRow(invoice), ...seal, uniquePosts: unique === null ? null : { ...unique } })
          .where(eq(invoices.id, id));
        await auditAction(tx, 'invoice.issued', found.invoice, invoice, { actor, atMs: nowMs }, seal);
        issued = {
          ...{ number, invoiceId: id, contentHash: seal.contentHash, issuedAtMs: nowMs },
          isGiven: false,
        };
        // Registers the number before the commit, so that every number that becomes known is on record.
        await register?.write([issued]);
        return { kind: 'issued', number, invoice };
      });
      // If this fails, the next comparison writes it and reports the reason.
      if (issued !== undefined) await register?.write([{ ...issued, isGiven: true }]).catch(() => {});
      return result;
    },
  };
}

/** The invoice, once no other transaction can change it. */
async function lockInvoice(tx: LedgerDb, id: string) {
  const [owner] = await tx.select({ clientId: invoices.clientId }).from(invoices).where(isInvoice(id));
  if (owner === undefined) return null;
  const { dirtyFrom } = await lockAccount(tx, owner.clientId);
  const [row] = await tx
    .select({ invoice: invoices, breach: breaches, client: clients })
    .from(invoices)
    .innerJoin(clients, eq(clients.id, invoices.clientId))
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(isInvoice(id));
  const [invoice] = await withLines(tx, [row!.invoice]);
  return {
    invoice: invoice!,
    breach: row!.breach === null ? null : breachOf(row!.breach),
    client: row!.client,
    hold: await holdOf(tx, owner.clientId),
    dirtyFromMs: dirtyFrom?.getTime() ?? null,
  };
}

type Found = NonNullable<Awaited<ReturnType<typeof lockInvoice>>>;

/** An invoice may be issued and sealed only if it matches the current usage and tariffs. */
async function isOutOfDate(
  tx: LedgerDb,
  { invoice, breach, dirtyFromMs }: Found,
  bucketSeconds: number,
): Promise<boolean> {
  const versions = await versionsOf(tx, [invoice.clientId]);
  return isStale(invoice, breach, dirtyFromMs, versions.map(tariffVersionOf), bucketSeconds);
}

/** Text that is not a UUID matches no invoice, instead of causing a database error. */
function isInvoice(id: string) {
  return validate(id) ? eq(invoices.id, id) : sql`false`;
}

/** The invoice's count of unique posts, which later usage must not change. */
async function uniquePostsOf(tx: LedgerDb, { clientId, lines }: Invoice): Promise<UniqueCount | null> {
  const fromMs = Math.min(...lines.map((line) => line.fromMs));
  const toMs = Math.max(...lines.map((line) => line.toMs));
  const [days] = await uniqueDaysOf(tx, [{ clientId, fromMs, toMs }]);
  return sumOfDays(days!);
}

function auditAction(
  tx: LedgerDb,
  action: string,
  before: Invoice,
  after: Invoice,
  who: { actor: string; atMs: number },
  seal?: Seal,
): Promise<void> {
  const subject = `invoices/${after.id}`;
  const audited = { ...auditOf(after), ...(seal && { contentHash: seal.contentHash }) };
  return writeAudit(tx, who, { action, subject, before: auditOf(before), after: audited });
}

function auditOf({ status, number, currency, amountMinor }: Invoice) {
  return { status, number, currency, amountMinor: amountMinor.toString() };
}
