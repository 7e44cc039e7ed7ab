/** The actions of finance on an invoice. Each is one transaction: it locks the invoice, applies the rules and saves. */

import { approvable } from './decisions.ts';
import { reject } from './issue.ts';
import { issueInvoice } from './issuing/issue-invoice.ts';
import type { ApproveOutcome, RejectOutcome } from './outcome.ts';
import type { BillingRules, InvoiceActions, InvoiceTransactions } from './port.ts';
import type { NumberRegister } from './register.ts';

/** `register` keeps the invoice numbers outside the ledger; null if the ledger is never restored to an older state. */
export function invoiceActions(
  ledger: InvoiceTransactions,
  rules: BillingRules,
  register: NumberRegister | null,
): InvoiceActions {
  return {
    approveInvoice: (id, actor, nowMs, tokenId = null) =>
      ledger.transaction(async (tx): Promise<ApproveOutcome> => {
        const found = await tx.lockInvoice(id);
        if (found === null) return { kind: 'not_found' };
        const outcome = approvable(found, rules, actor, nowMs);
        if (outcome.kind !== 'approved') return outcome;
        const { invoice: before } = found;
        const after = { ...outcome.invoice, approverTokenId: tokenId };
        await tx.save({ action: 'invoice.approved', before, after, actor, atMs: nowMs });
        return { ...outcome, invoice: after };
      }),

    rejectInvoice: (id, reason, actor, nowMs) =>
      ledger.transaction(async (tx): Promise<RejectOutcome> => {
        const found = await tx.lockInvoice(id);
        if (found === null) return { kind: 'not_found' };
        const { invoice: before } = found;
        const outcome = reject(before, actor, reason, nowMs);
        if (outcome.kind !== 'rejection') return outcome;
        const after = outcome.invoice;
        await tx.save({ action: 'invoice.rejected', before, after, actor, atMs: nowMs, reason });
        return outcome;
      }),

    issueInvoice: (id, actor, nowMs, tokenId = null) =>
      issueInvoice(ledger, rules, register, id, { actor, tokenId }, nowMs),
  };
}
