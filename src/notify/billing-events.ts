/** The events that billing and the actions of finance cause, from what they write. */

import type { Breach, Invoice } from '../invoice/model.ts';
import type { BillingChanges, InvoiceDecision } from '../invoice/port.ts';
import { isoTimestamp, isoTimestampOrNull } from '../report/timestamp.ts';
import type { BreachState } from '../tariff/breach.ts';
import { formatMoney } from '../tariff/money.ts';
import type { EventData, NewEvent } from './event.ts';

/** What was stored before billing wrote its changes. */
export interface StoredStates {
  readonly breaches: ReadonlyMap<string, BreachState>;
  /** Ids of the invoices that existed. */
  readonly invoices: ReadonlySet<string>;
}

const BREACH_EVENTS: Readonly<Record<BreachState, string>> = {
  open: 'breach.opened',
  settling: 'breach.settled',
  closed: 'breach.closed',
  void: 'breach.void',
};

/** Events of one client's billing: breaches that changed their state, new drafts, and what billing noted. */
export function billingEvents(changes: BillingChanges, before: StoredStates, atMs: number): NewEvent[] {
  const breaches = changes.breaches
    .filter(({ id, state }) => before.breaches.get(id) !== state)
    // A breach that was never reported and is void at once is nothing to report.
    .filter(({ id, state }) => state !== 'void' || before.breaches.has(id))
    .map((breach) => breachEvent(BREACH_EVENTS[breach.state], breach, atMs));
  const drafted = changes.invoices
    .filter(({ id }) => !before.invoices.has(id))
    .map((invoice) => invoiceEvent('invoice.drafted', invoice, atMs));
  const noted = changes.notes.flatMap(({ action, invoiceId, reason }) => {
    const invoice = changes.invoices.find(({ id }) => id === invoiceId);
    return invoice === undefined ? [] : [invoiceEvent(action, invoice, atMs, { reason })];
  });
  return [...breaches, ...drafted, ...noted];
}

/** The event of an approval, a rejection or an issue. */
export function decisionEvent({ action, after, actor, atMs, reason }: InvoiceDecision): NewEvent {
  return invoiceEvent(action, after, atMs, { actor, ...(reason === undefined ? {} : { reason }) });
}

function breachEvent(type: string, breach: Breach, atMs: number): NewEvent {
  const { id, clientId, fromMs, toMs, posts, billedPosts, peakPosts, peakAtMs, currency, state } = breach;
  return {
    type,
    subject: `breaches/${id}`,
    clientId,
    atMs,
    data: {
      client: clientId,
      breach: id,
      state,
      from: isoTimestamp(fromMs),
      to: isoTimestamp(toMs),
      posts,
      billedPosts,
      peakPosts,
      peakAt: isoTimestamp(peakAtMs),
      amount: formatMoney(breach.amountMinor, currency),
      currency,
    },
  };
}

/** What an event of an invoice needs to know of it. */
export type ToldInvoice = Pick<
  Invoice,
  'id' | 'clientId' | 'kind' | 'number' | 'breachId' | 'monthMs' | 'amountMinor' | 'currency'
>;

export function invoiceEvent(
  type: string,
  invoice: ToldInvoice,
  atMs: number,
  more: EventData = {},
): NewEvent {
  const { id, clientId, kind, number, breachId, monthMs, amountMinor, currency } = invoice;
  return {
    type,
    subject: `invoices/${id}`,
    clientId,
    atMs,
    data: {
      client: clientId,
      invoice: id,
      kind,
      number,
      breach: breachId,
      month: isoTimestampOrNull(monthMs),
      amount: formatMoney(amountMinor, currency),
      currency,
      ...more,
    },
  };
}
