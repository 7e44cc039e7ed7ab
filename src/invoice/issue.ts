/** Rules for approving, rejecting and issuing an invoice. Pure; `actions.ts` applies them within a transaction. */

import type { BillingHold } from '../meter/port.ts';
import type { BuyerSettings } from '../seller/model.ts';
import { counterOf } from '../seller/series.ts';
import { monthClosesAtMs } from './closing.ts';
import type { IssuingFacts } from './issuing/facts.ts';
import { type IssueTerms, issueTerms } from './issuing/terms.ts';
import type { BillingDetails, Breach, Invoice } from './model.ts';
import type {
  ApproveOutcome,
  DetailField,
  InvoiceRefusal,
  IssueOutcome,
  KnownDetails,
  NumberGiven,
  OnHold,
  RejectOutcome,
} from './outcome.ts';
import type { BillingRules } from './port.ts';

/** The refusal for a client on billing hold. */
export function onHold({ code, reason }: Pick<BillingHold, 'code' | 'reason'>): OnHold {
  return {
    kind: 'on_hold',
    reason: `the client is on billing hold (${code}): ${reason}`,
    hint: 'find the cause, then release the hold: see /v1/billing-holds',
  };
}

/** Returns null if `number` is above `last`, the highest number that the counter has given. */
export function numberRefusal(series: string, number: number, last: number): NumberGiven | null {
  if (number > last) return null;
  return {
    kind: 'number_given',
    reason: `the next number of ${series} is ${number}, and numbers up to ${last} were given before the ledger was restored to an older state`,
    hint: `advance ${series} to ${last} with POST /v1/invoice-numbers/advance, then issue the invoice`,
  };
}

/** Returns the approved invoice, or the refusal. `breach` is the invoice's, null for a licence. */
export function approve(
  invoice: Invoice,
  breach: Breach | null,
  rules: BillingRules,
  actor: string,
  nowMs: number,
): ApproveOutcome {
  const refusal = refusalOf(invoice, breach, rules, nowMs);
  if (refusal !== null) return refusal;
  if (invoice.status === 'approved')
    return { kind: 'already_approved', approvedBy: invoice.approvedBy ?? '' };
  const approved = { approvedBy: actor, approvedAtMs: nowMs, updatedAtMs: nowMs };
  return { kind: 'approved', invoice: { ...invoice, status: 'approved', ...approved } };
}

/**
 * Returns the rejected draft, or the refusal. Billing holds and open breaches are ignored, because a rejection
 * applies to this amount and these lines alone. A credit note is owed to the client, so it cannot be rejected.
 */
export function reject(invoice: Invoice, actor: string, reason: string, nowMs: number): RejectOutcome {
  if (invoice.status === 'void') return { kind: 'void' };
  if (invoice.status === 'issued') return { kind: 'already_issued', number: invoice.number ?? 0 };
  if (invoice.status === 'rejected') {
    return {
      kind: 'already_rejected',
      reason: rejectionText(invoice),
      hint: 'no action is needed; billing makes a new draft if the amount or the lines change',
    };
  }
  if (invoice.kind === 'credit_note') {
    return {
      kind: 'owed_to_client',
      reason: 'a credit note returns what an issued invoice overcharged',
      hint: 'issue it; if it is wrong, correct the tariff, and billing recomputes it',
    };
  }
  const approval = { approvedBy: null, approvedAtMs: null, approverTokenId: null };
  const rejection = { by: actor, atMs: nowMs, reason };
  return {
    kind: 'rejection',
    invoice: { ...invoice, ...approval, status: 'rejected', rejection, updatedAtMs: nowMs },
  };
}

/** The issued invoice without its number and document, and the terms from which they are made. */
interface MayIssue {
  readonly kind: 'may_issue';
  readonly invoice: Invoice;
  readonly terms: IssueTerms;
}

/**
 * Returns the issued invoice without its number and document, or the refusal. The number is drawn only when nothing
 * prevents issuing.
 */
export function issue(
  invoice: Invoice,
  breach: Breach | null,
  details: KnownDetails,
  facts: IssuingFacts,
  rules: BillingRules,
  nowMs: number,
): MayIssue | Exclude<IssueOutcome, { kind: 'issued' }> {
  const refusal = refusalOf(invoice, breach, rules, nowMs);
  if (refusal !== null) return refusal;
  if (rules.approval === 'manual' && invoice.status !== 'approved') {
    return {
      kind: 'not_approved',
      reason: 'the invoice is not approved, or it changed after its approval',
      hint: 'approve it, then issue it',
    };
  }
  const fields = missingDetails(details, facts, invoice.currency);
  if (fields.length > 0) {
    return {
      kind: 'billing_details_missing',
      fields,
      reason: detailsReason(fields, details, invoice.currency),
      hint: 'correct the billing details of the client, then issue the invoice',
    };
  }
  const outcome = issueTerms(invoice, details, facts, nowMs);
  if (outcome.kind !== 'terms') return outcome;
  const { terms } = outcome;
  const billTo = frozen(details, facts);
  const { seller, series, taxMinor } = terms;
  const drawn = { sellerId: seller.id, series: counterOf(series, nowMs), taxMinor };
  return {
    kind: 'may_issue',
    invoice: { ...invoice, ...drawn, status: 'issued', billTo, issuedAtMs: nowMs, updatedAtMs: nowMs },
    terms,
  };
}

/** Returns the fields that prevent an invoice in `currency` from being issued. The tax id is optional. */
function missingDetails(details: KnownDetails, { buyer }: IssuingFacts, currency: string): DetailField[] {
  const missing: DetailField[] = [];
  if (isBlank(details.legalName)) missing.push('legalName');
  if (isBlank(addressOf(details, buyer))) missing.push('address');
  if (isBlank(details.email)) missing.push('email');
  // EN 16931, BR-11.
  if (buyer.eInvoice !== 'none' && isBlank(buyer.country)) missing.push('country');
  if (details.currency !== currency) missing.push('currency');
  return missing;
}

/** The address as text: that of the billing details, else the parts of the buyer's address. Empty if both lack. */
function addressOf(details: KnownDetails, buyer: BuyerSettings): string {
  if (!isBlank(details.address)) return details.address ?? '';
  if (isBlank(buyer.street) || isBlank(buyer.city)) return '';
  const place = [buyer.postcode, buyer.city].filter((part) => !isBlank(part)).join(' ');
  const lines = [buyer.street, buyer.street2, place, buyer.region, buyer.country];
  return lines.filter((line) => !isBlank(line)).join('\n');
}

function isBlank(text: string | null): boolean {
  return (text ?? '').trim() === '';
}

function detailsReason(fields: readonly DetailField[], details: KnownDetails, currency: string): string {
  const missing = fields.filter((field) => field !== 'currency' || details.currency === null);
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`the client's billing details have no ${missing.join(', ')}`);
  if (fields.includes('currency') && !missing.includes('currency')) {
    parts.push(`the client is billed in ${details.currency}, and the invoice is in ${currency}`);
  }
  return parts.join('; ');
}

function refusalOf(
  invoice: Invoice,
  breach: Breach | null,
  rules: BillingRules,
  nowMs: number,
): InvoiceRefusal | null {
  if (invoice.status === 'void') return { kind: 'void' };
  if (invoice.status === 'issued') return { kind: 'already_issued', number: invoice.number ?? 0 };
  if (invoice.status === 'rejected') {
    const hint = 'approve the draft that billing makes if the amount or the lines change';
    return { kind: 'rejected', reason: rejectionText(invoice), hint };
  }
  // Late usage does not change what a person corrects.
  const reason = invoice.origin === 'manual' ? null : stillGrowing(invoice, breach, rules, nowMs);
  if (reason === null) return null;
  return { kind: 'not_closed', reason, hint: 'wait until it closes; the amount may still grow' };
}

function rejectionText({ rejection }: Invoice): string {
  return `${rejection?.by} rejected it: ${rejection?.reason}`;
}

/** Returns why the amount may still grow; null once the breach or month is closed. */
export function stillGrowing(
  invoice: Pick<Invoice, 'monthMs'>,
  breach: Pick<Breach, 'state'> | null,
  rules: Pick<BillingRules, 'latenessMs'>,
  nowMs: number,
): string | null {
  if (breach !== null && (breach.state === 'open' || breach.state === 'settling')) {
    return `the breach is ${breach.state}`;
  }
  if (invoice.monthMs !== null && nowMs < monthClosesAtMs(invoice.monthMs, rules.latenessMs)) {
    return 'the month is not over, or late usage for it may still arrive';
  }
  return null;
}

function frozen(details: KnownDetails, { buyer }: IssuingFacts): BillingDetails {
  return {
    legalName: details.legalName ?? '',
    address: addressOf(details, buyer),
    email: details.email ?? '',
    taxId: details.taxId,
    currency: details.currency ?? '',
  };
}
