/** The action of a manual credit note or supplement: made and issued in one transaction, with what it resolves. */

import { and, eq } from 'drizzle-orm';
import { validate } from 'uuid';
import type { CorrectionPayload } from '../../../admin/proposals/correction.ts';
import type { ActionRefusal, ActionRequest, PrincipalAt } from '../../../admin/proposals/port.ts';
import { issuable } from '../../../invoice/decisions.ts';
import { issueInvoice } from '../../../invoice/issuing/issue-invoice.ts';
import {
  type AskedCorrection,
  correctionFault,
  correctionFaultText,
  manualDraft,
} from '../../../invoice/manual.ts';
import type { Invoice } from '../../../invoice/model.ts';
import type { BillingRules, LockedInvoice } from '../../../invoice/port.ts';
import type { NumberRegister, RegisteredNumber } from '../../../invoice/register.ts';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import { writeAudit } from '../admin/audit.ts';
import { withLines, writeDraft } from '../billing/account.ts';
import { invoiceTransaction } from '../billing/invoice-transactions.ts';
import type { LedgerDb } from '../connection/db.ts';
import { ActionRefused, type ProposalAction } from '../proposal/action.ts';
import { invoices } from '../schema.ts';
import { resolveDispute } from './disputes.ts';
import { sameMatter } from './enter-issued.ts';

export interface CorrectionOptions {
  readonly rules: BillingRules;
  readonly register: NumberRegister | null;
  readonly newId: () => string;
}

/** The subject is `invoices/ID`. It is stale if another correction of the breach or month was issued. */
export function correctionAction(options: CorrectionOptions): ProposalAction {
  // The desk of proposals has decided about the second person, so issue needs neither approval nor another issuer.
  const rules: BillingRules = { ...options.rules, approval: 'automatic' };
  return {
    async subject(tx, request) {
      const found = await lockMatter(tx, request, rules.bucketSeconds);
      if (found === null) return null;
      const { sellerId } = found.locked.invoice;
      return {
        state: { issued: found.matter.map(({ id }) => id).sort() },
        sellerId: sellerId ?? DEFAULT_SELLER,
      };
    },

    async refusal(tx, request, nowMs) {
      const found = (await lockMatter(tx, request, rules.bucketSeconds))!;
      const { invoice: corrected } = found.locked;
      const asked = askedIn(request);
      const fault = correctionFault(corrected, found.matter, asked);
      if (fault !== null) {
        const isExceeding = fault.kind === 'exceeds_remaining';
        const code = isExceeding ? 'exceeds_remaining' : 'invalid_request';
        return { status: 409, ...correctionFaultText(fault, corrected.currency), code };
      }
      const draft = manualDraft(corrected, asked, options.newId(), nowMs);
      const transaction = invoiceTransaction(tx, rules.bucketSeconds);
      const issuing = await transaction.issuing(draft);
      const tariffs = await transaction.tariffs(draft.clientId);
      const outcome = issuable({ ...found.locked, invoice: draft, issuing, tariffs }, rules, nowMs);
      return outcome.kind === 'may_issue' ? null : refusalOf(outcome);
    },

    async run(tx, request, who) {
      const { locked } = (await lockMatter(tx, request, rules.bucketSeconds))!;
      const { actor, tokenId, atMs } = who;
      const id = options.newId();
      const draft = manualDraft(locked.invoice, askedIn(request), id, atMs);
      await writeDraft(tx, draft);
      const { register, given } = untilCommit(options.register);
      const transaction = invoiceTransaction(tx, rules.bucketSeconds);
      const ledger = { transaction: <T>(work: (one: typeof transaction) => Promise<T>) => work(transaction) };
      const outcome = await issueInvoice(ledger, rules, register, id, { actor, tokenId }, atMs);
      if (outcome.kind !== 'issued') throw new ActionRefused(refusalOf(outcome));
      await writeAudit(tx, who, {
        ...{ action: 'invoice.corrected', subject: request.subject, reason: request.reason },
        after: { correction: id, ground: payloadOf(request).ground },
      });
      await resolveNamedDispute(tx, request, who);
      return { id, afterCommit: () => options.register?.write(given()).catch(() => {}) ?? Promise.resolve() };
    },
  };
}

/** A register that records numbers as given only after the commit. */
function untilCommit(register: NumberRegister | null) {
  const given: RegisteredNumber[] = [];
  const waiting: NumberRegister | null = register && {
    read: () => register.read(),
    write: async (numbers) => {
      given.push(...numbers.filter(({ isGiven }) => isGiven));
      await register.write(numbers.filter(({ isGiven }) => !isGiven));
    },
  };
  return { register: waiting, given: () => given };
}

async function resolveNamedDispute(tx: LedgerDb, request: ActionRequest, who: PrincipalAt): Promise<void> {
  const { dispute } = payloadOf(request);
  if (dispute === null) return;
  const { outcome, text } = dispute;
  const resolved = await resolveDispute(tx, dispute.id, { outcome, text }, true, who);
  if (resolved.kind === 'written') return;
  const hint = 'see the disputes of the invoice, and propose the credit again';
  throw new ActionRefused({ status: 409, field: 'disputeId', reason: resolved.fault, hint });
}

interface LockedMatter {
  readonly locked: LockedInvoice;
  /** All issued invoices of the breach or month in the currency, with their lines. */
  readonly matter: readonly Invoice[];
}

async function lockMatter(
  tx: LedgerDb,
  { subject }: ActionRequest,
  bucketSeconds: number,
): Promise<LockedMatter | null> {
  const id = subject.slice('invoices/'.length);
  if (!validate(id)) return null;
  const locked = await invoiceTransaction(tx, bucketSeconds).lockInvoice(id);
  if (locked === null) return null;
  const issued = and(sameMatter(locked.invoice), eq(invoices.status, 'issued'));
  const rows = await tx.select().from(invoices).where(issued);
  return { locked, matter: await withLines(tx, rows) };
}

function payloadOf({ payload }: ActionRequest): CorrectionPayload {
  return payload as unknown as CorrectionPayload;
}

function askedIn(request: ActionRequest): AskedCorrection {
  const { kind, lines, ground } = payloadOf(request);
  const asked = lines.map(({ line, amountMinor }) => ({ line, amountMinor: BigInt(amountMinor) }));
  return { kind, ground, reason: request.reason, lines: asked };
}

/** The refusals of issue name their reason and hint. */
function refusalOf(outcome: {
  readonly kind: string;
  readonly reason?: string;
  readonly hint?: string;
}): ActionRefusal {
  const { reason = `cannot be corrected: ${outcome.kind}`, hint = 'see the invoice' } = outcome;
  return { status: 409, field: 'invoiceId', reason: `cannot be corrected now: ${reason}`, hint };
}
