/** What waits among drafts: approval, issue, details that the invoice must name, and claims that expire. */

import { issuable } from '../../invoice/decisions.ts';
import type { Invoice } from '../../invoice/model.ts';
import type { IssueOutcome } from '../../invoice/outcome.ts';
import type { BillingRules } from '../../invoice/port.ts';
import { claimExpiries } from '../../seller/claim-expiry.ts';
import { clauseAt } from '../../seller/clause.ts';
import { expiringItem } from './expiring.ts';
import type { InboxItem } from './item.ts';
import type { FinalDraft } from './port.ts';

const KIND_NAMES = { invoice: 'draft', supplement: 'draft supplement', credit_note: 'draft credit note' };

/** A draft on billing hold waits for the release of the hold, which is an item of its own. */
export function draftItems(
  { state, found }: FinalDraft,
  rules: BillingRules,
  nowMs: number,
  today: string,
): InboxItem[] {
  const { invoice, hold } = found;
  const item = baseOf(invoice);
  const items = expiryItems(found, today);
  if (hold !== null) return items;
  // Approval needs no details, so what they lack is found beforehand.
  const approved = { ...found, invoice: { ...invoice, status: 'approved' as const } };
  const lack = lackOf(issuable(approved, rules, nowMs));
  const page = `/invoices/${invoice.id}`;
  if (state === 'to_approve') {
    const why = 'its amount is final, and it is not approved';
    items.push({
      ...item,
      kind: 'to_approve',
      why,
      action: { name: 'Approve', href: page },
      roles: ['finance'],
    });
  }
  if (lack !== null) {
    const { href, role } = lack.isOfClient
      ? clientPlace(invoice.clientId)
      : sellerPlace(found.issuing.seller?.id);
    const action = { name: 'Complete', href };
    items.push({ ...item, kind: 'lacks_details', why: lack.why, action, roles: [role] });
  } else if (state === 'to_issue') {
    const why = invoice.approvedBy === null ? 'it can be issued' : `${invoice.approvedBy} approved it`;
    items.push({ ...item, kind: 'to_issue', why, action: { name: 'Issue', href: page }, roles: ['finance'] });
  }
  return items;
}

function clientPlace(clientId: string) {
  return { href: `/clients/${encodeURIComponent(clientId)}`, role: 'finance' as const };
}

function sellerPlace(sellerId: string | undefined) {
  const href = sellerId === undefined ? '/settings' : `/settings/sellers/${encodeURIComponent(sellerId)}`;
  return { href, role: 'admin' as const };
}

function baseOf({ id, kind, clientId, amountMinor, currency, updatedAtMs }: Invoice) {
  return {
    ...{ subject: `invoices/${id}`, title: `${KIND_NAMES[kind]} ${clientId}`, clientId },
    ...{ sinceMs: updatedAtMs, money: { amountMinor, currency } },
  };
}

interface Lack {
  readonly why: string;
  /** True: finance completes the client. False: an administrator completes the seller. */
  readonly isOfClient: boolean;
}

function lackOf(outcome: { readonly kind: 'may_issue' } | IssueOutcome): Lack | null {
  if (outcome.kind === 'billing_details_missing') return { why: outcome.reason, isOfClient: true };
  if (outcome.kind !== 'document_refused' || outcome.code === 'exceeds_remaining') return null;
  return { why: outcome.reason, isOfClient: outcome.field.startsWith('buyer') };
}

/** The claim of a draft that was not issued expires as the clause says that it would cite. */
function expiryItems({ invoice, breach, issuing }: FinalDraft['found'], today: string): InboxItem[] {
  if (breach === null || invoice.kind === 'credit_note') return [];
  const family = issuing.seller?.clauseFamily ?? null;
  const clause = clauseAt(issuing.clauses, family, invoice.currency, breach.fromMs);
  const expiries = claimExpiries(clause?.claimPeriods ?? [], breach.fromMs);
  const expiring = expiringItem(expiries, today, 'the draft is not issued');
  if (expiring === null) return [];
  return [{ ...baseOf(invoice), ...expiring, action: { name: 'Look', href: `/invoices/${invoice.id}` } }];
}
