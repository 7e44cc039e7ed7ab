/** The events of an issued claim besides its money: reminders and disputes. */

import type { Dispute, Receivable } from '../receivable/model.ts';
import { formatMoney } from '../tariff/money.ts';
import type { EventData, NewEvent } from './event.ts';

type ToldReceivable = Pick<Receivable, 'invoiceId' | 'clientId' | 'currency' | 'balanceMinor' | 'dueOn'>;

export function disputeEvent(
  type: 'invoice.disputed' | 'invoice.dispute_resolved',
  { id, ground, disputedMinor, outcome }: Dispute,
  receivable: ToldReceivable,
  atMs: number,
): NewEvent {
  const disputed = formatMoney(disputedMinor, receivable.currency);
  return claimEvent(type, receivable, atMs, { dispute: id, ground, disputed, outcome });
}

export function reminderEvent(
  receivable: ToldReceivable,
  { id, level, actor }: { readonly id: string; readonly level: number; readonly actor: string },
  atMs: number,
): NewEvent {
  return claimEvent('invoice.reminded', receivable, atMs, { dunning: id, level, actor });
}

/** `amount` is what is still owed. */
function claimEvent(type: string, receivable: ToldReceivable, atMs: number, more: EventData): NewEvent {
  const { invoiceId, clientId, currency, balanceMinor, dueOn } = receivable;
  return {
    ...{ type, subject: `invoices/${invoiceId}`, clientId, atMs },
    data: {
      ...{ client: clientId, invoice: invoiceId, dueOn },
      ...{ amount: formatMoney(balanceMinor, currency), currency, ...more },
    },
  };
}

export interface ToldExpiry {
  readonly invoiceId: string;
  readonly clientId: string;
  readonly currency: string;
  /** Of a draft so far, or what is still owed. */
  readonly amountMinor: bigint;
}

/** `label` names the period of the clause, `on` is the UTC date of the expiry. */
export function expiryEvent(
  { invoiceId, clientId, currency, amountMinor }: ToldExpiry,
  { label, on, days }: { readonly label: string; readonly on: string; readonly days: number },
  atMs: number,
): NewEvent {
  const amount = formatMoney(amountMinor, currency);
  const data = { client: clientId, invoice: invoiceId, label, on, days, amount, currency };
  return { type: 'claim.expiring', subject: `invoices/${invoiceId}`, clientId, atMs, data };
}
