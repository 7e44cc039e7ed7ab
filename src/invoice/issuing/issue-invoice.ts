/** Issues an invoice: checks the rules, draws the next number, and records it in the register of given numbers. */

import type { Principal } from '../../proposal/model.ts';
import { issuable } from '../decisions.ts';
import { numberRefusal } from '../issue.ts';
import type { Invoice } from '../model.ts';
import type { IssueOutcome } from '../outcome.ts';
import type { BillingRules, InvoiceTransaction, InvoiceTransactions } from '../port.ts';
import { entriesOf, lastGiven, type NumberRegister, type RegisteredNumber } from '../register.ts';
import { eInvoiceRefusal } from './e-invoice-needs.ts';
import { issuedDocument } from './make-document.ts';
import { needsOtherIssuer, otherIssuer } from './two-people.ts';

/** `register` keeps the numbers outside the ledger; null if the ledger is never restored to an older state. */
export async function issueInvoice(
  ledger: InvoiceTransactions,
  rules: BillingRules,
  register: NumberRegister | null,
  id: string,
  issuer: Principal,
  nowMs: number,
): Promise<IssueOutcome> {
  let drawn: RegisteredNumber | undefined;
  const outcome = await ledger.transaction(async (tx): Promise<IssueOutcome> => {
    const found = await tx.lockInvoice(id);
    if (found === null) return { kind: 'not_found' };
    const { invoice: before, breach, details } = found;
    const tariffs = await tx.tariffs(before.clientId);
    const issuing = await tx.issuing(before);
    const outcome = issuable({ ...found, tariffs, issuing }, rules, nowMs);
    if (outcome.kind !== 'may_issue') return outcome;
    const { terms } = outcome;
    const people = await peopleOf(tx, outcome.invoice, issuer, terms.seller.isStrict, rules, nowMs);
    if (people.kind !== 'allowed') return people;
    // Reads the usage before the counter is locked, so that other clients' invoices wait as short as possible.
    const basis = await tx.basis(before, breach);
    const { series } = outcome.invoice;
    const number = (await tx.lockLastNumber(series)) + 1;
    const refusal =
      register === null
        ? null
        : numberRefusal(series, number, lastGiven(entriesOf(await register.read(), series)));
    if (refusal !== null) return refusal;
    const numbered = { ...outcome.invoice, number };
    const { readings } = basis;
    const document = issuedDocument(numbered, { terms, facts: issuing, details, breach, readings });
    const invoice = { ...numbered, document };
    const lacking = eInvoiceRefusal({ invoice, document });
    if (lacking !== null) return lacking;
    const seal = basis.seal(invoice);
    const { actor } = issuer;
    const { isAlone } = people;
    const decision = {
      action: 'invoice.issued',
      before,
      after: invoice,
      actor,
      isAlone,
      atMs: nowMs,
    } as const;
    await tx.saveIssued(decision, seal);
    const contentHash = seal?.contentHash ?? null;
    drawn = { series, number, invoiceId: id, contentHash, issuedAtMs: nowMs, isGiven: false };
    // Registers the number before the commit, so that every number that becomes known is on record.
    await register?.write([drawn]);
    return { kind: 'issued', number, invoice };
  });
  // If this fails, the next comparison writes it and reports the reason.
  if (drawn !== undefined) await register?.write([{ ...drawn, isGiven: true }]).catch(() => {});
  return outcome;
}

async function peopleOf(
  tx: InvoiceTransaction,
  issued: Invoice,
  issuer: Principal,
  isStrict: boolean,
  { approval, fourEyes }: BillingRules,
  nowMs: number,
): Promise<ReturnType<typeof otherIssuer>> {
  if (approval === 'automatic' || !needsOtherIssuer(issued, fourEyes)) {
    return { kind: 'allowed', isAlone: false };
  }
  return otherIssuer(issued, issuer, isStrict, await tx.tokens(nowMs), nowMs);
}
