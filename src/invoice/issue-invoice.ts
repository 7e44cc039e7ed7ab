/** Issues an invoice: checks the rules, draws the next number, and records it in the register of given numbers. */

import { issuable } from './decisions.ts';
import { numberRefusal } from './issue.ts';
import type { IssueOutcome } from './outcome.ts';
import type { BillingRules, InvoiceTransactions } from './port.ts';
import { lastGiven, type NumberRegister, type RegisteredNumber } from './register.ts';

/** `register` keeps the numbers outside the ledger; null if the ledger is never restored to an older state. */
export async function issueInvoice(
  ledger: InvoiceTransactions,
  rules: BillingRules,
  register: NumberRegister | null,
  id: string,
  actor: string,
  nowMs: number,
): Promise<IssueOutcome> {
  let drawn: RegisteredNumber | undefined;
  const outcome = await ledger.transaction(async (tx): Promise<IssueOutcome> => {
    const found = await tx.lockInvoice(id);
    if (found === null) return { kind: 'not_found' };
    const { invoice: before, breach } = found;
    const outcome = issuable({ ...found, tariffs: await tx.tariffs(before.clientId) }, rules, nowMs);
    if (outcome.kind !== 'may_issue') return outcome;
    const number = (await tx.lockLastNumber()) + 1;
    const refusal = register === null ? null : numberRefusal(number, lastGiven(await register.read()));
    if (refusal !== null) return refusal;
    const invoice = { ...outcome.invoice, number };
    const decision = { action: 'invoice.issued', before, after: invoice, actor, atMs: nowMs } as const;
    const contentHash = await tx.saveIssued(decision, breach);
    drawn = { number, invoiceId: id, contentHash, issuedAtMs: nowMs, isGiven: false };
    // Registers the number before the commit, so that every number that becomes known is on record.
    await register?.write([drawn]);
    return { kind: 'issued', number, invoice };
  });
  // If this fails, the next comparison writes it and reports the reason.
  if (drawn !== undefined) await register?.write([{ ...drawn, isGiven: true }]).catch(() => {});
  return outcome;
}
