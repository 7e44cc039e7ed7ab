/** What waits for a person: every item follows from facts of the ledger, so it disappears when its cause does. */

import { needsOtherIssuer, otherIssuer } from '../../invoice/issuing/two-people.ts';
import type { BillingRules } from '../../invoice/port.ts';
import { DECIDING_ROLE } from '../../proposal/four-eyes.ts';
import type { Principal } from '../../proposal/model.ts';
import { utcDateOf } from '../../receivable/date.ts';
import { draftItems } from './drafts.ts';
import { type ActingRole, INBOX_KINDS, type InboxItem } from './item.ts';
import { owedItems } from './owed.ts';
import type { FinalDraft, InboxFacts } from './port.ts';

/** For whom the inbox is. */
interface InboxReader extends Principal {
  readonly roles: readonly string[];
}

/** All items by kind, the oldest first. */
export function inboxOf(facts: InboxFacts, rules: BillingRules, nowMs: number): InboxItem[] {
  const items = [
    ...facts.drafts.flatMap((draft) => draftItems(draft, rules, nowMs, utcDateOf(nowMs))),
    ...facts.owed.flatMap((owed) => owedItems(owed, nowMs)),
    ...facts.proposals.map(proposalItem),
    ...facts.payments.map(paymentItem),
    ...facts.holds.map(holdItem),
    ...facts.coDebtors.filter(lacksAddress).map(coDebtorItem),
    ...facts.documents.map(documentItem),
    ...facts.messages.map(messageItem),
  ];
  const place = ({ kind }: InboxItem) => INBOX_KINDS.indexOf(kind);
  return items.sort((a, b) => place(a) - place(b) || a.sinceMs - b.sinceMs);
}

/** What waits for this person: its roles can act on it, and it does not wait for a second person beside this one. */
export function ownItems(
  items: readonly InboxItem[],
  facts: InboxFacts,
  reader: InboxReader,
  rules: BillingRules,
  nowMs: number,
): InboxItem[] {
  const forOthers = new Set([
    ...facts.proposals.filter((one) => isBy(one, reader)).map(({ id }) => `to_decide proposals/${id}`),
    ...facts.drafts
      .filter(({ found }) => mayNotIssue(found, facts, reader, rules, nowMs))
      .map(({ found }) => `to_issue invoices/${found.invoice.id}`),
  ]);
  return items.filter(
    ({ roles, kind, subject }) =>
      roles.some((role) => reader.roles.includes(role)) && !forOthers.has(`${kind} ${subject}`),
  );
}

function isBy({ by, tokenId }: InboxFacts['proposals'][number], reader: Principal): boolean {
  return tokenId === null ? reader.tokenId === null && by === reader.actor : tokenId === reader.tokenId;
}

function mayNotIssue(
  { invoice, issuing }: FinalDraft['found'],
  { tokens }: InboxFacts,
  reader: Principal,
  { fourEyes }: BillingRules,
  nowMs: number,
): boolean {
  if (!needsOtherIssuer(invoice, fourEyes)) return false;
  const isStrict = issuing.seller?.isStrict ?? false;
  return otherIssuer(invoice, reader, isStrict, tokens, nowMs).kind !== 'allowed';
}

function proposalItem({ id, kind, subject, reason, by, atMs }: InboxFacts['proposals'][number]): InboxItem {
  return {
    ...{ kind: 'to_decide', subject: `proposals/${id}`, title: `${kind.replaceAll('_', ' ')} of ${subject}` },
    ...{ clientId: null, sinceMs: atMs, money: null, why: `${by} proposed it: ${reason}` },
    action: { name: 'Decide', href: `/proposals/${id}` },
    roles: [DECIDING_ROLE[kind]],
  };
}

function paymentItem(payment: InboxFacts['payments'][number]): InboxItem {
  const { id, clientId, payer, reference, currency, leftMinor, atMs } = payment;
  const title = ['payment', payer === null ? '' : `of ${payer}`, reference ?? ''].filter(
    (part) => part !== '',
  );
  return {
    ...{ kind: 'unallocated', subject: `payments/${id}`, title: title.join(' '), clientId, sinceMs: atMs },
    money: { amountMinor: leftMinor, currency },
    why: 'it is not allocated to invoices',
    action: { name: 'Allocate', href: `/payments/${id}` },
    roles: ['finance'],
  };
}

function holdItem({ id, clientId, code, reason, atMs }: InboxFacts['holds'][number]): InboxItem {
  const href = clientId === null ? '/health' : clientPage(clientId);
  return {
    ...{
      kind: 'billing_hold',
      subject: `billing-holds/${id}`,
      title: `billing hold of ${clientId ?? 'all clients'}`,
    },
    ...{ clientId, sinceMs: atMs, money: null, why: `${code.replaceAll('_', ' ')}: ${reason}` },
    ...{ action: { name: 'Look', href }, roles: ['operator'] },
  };
}

type CoDebtorFact = InboxFacts['coDebtors'][number];

function lacksAddress({ party: { address, street, city } }: CoDebtorFact): boolean {
  const isBlank = (text: string | null) => (text ?? '').trim() === '';
  return isBlank(address) && (isBlank(street) || isBlank(city));
}

function coDebtorItem({ id, clientId, party, atMs }: CoDebtorFact): InboxItem {
  return {
    ...{ kind: 'co_debtor', subject: `clients/${clientId}/co-debtors/${id}` },
    title: `co-debtor ${party.legalName ?? id}`,
    ...{ clientId, sinceMs: atMs, money: null, why: 'it has no address for its copy of an invoice' },
    ...{ action: { name: 'Complete', href: clientPage(clientId) }, roles: ['finance'] },
  };
}

function documentItem(failure: InboxFacts['documents'][number]): InboxItem {
  const { subject, invoiceId, clientId, code, detail, atMs } = failure;
  const roles: ActingRole[] = ['finance'];
  return {
    ...{
      kind: 'document_failed',
      subject,
      title: `document of ${subject}`,
      clientId,
      sinceMs: atMs,
      money: null,
    },
    why: `it cannot be made (${code}): ${detail}`,
    action: { name: 'Look', href: invoiceId === null ? '/invoices' : `/invoices/${invoiceId}` },
    roles,
  };
}

function messageItem({ id, event, receiver, atMs }: InboxFacts['messages'][number]): InboxItem {
  return {
    ...{
      kind: 'message_failed',
      subject: `messages/${id}`,
      title: `${event} to ${receiver}`,
      clientId: null,
    },
    ...{ sinceMs: atMs, money: null, why: 'every planned attempt to send it failed' },
    action: { name: 'Look', href: `/alerts/messages/${id}` },
    roles: ['operator', 'admin'],
  };
}

function clientPage(clientId: string): string {
  return `/clients/${encodeURIComponent(clientId)}`;
}
