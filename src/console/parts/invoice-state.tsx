/** The words of an invoice: its state, its kind and its name. */

import type { ListedInvoice } from '../../admin/routes/invoices/invoice-schemas.ts';
import { Badge } from './badge.tsx';
import type { Tone } from './notice.tsx';
import { Money } from './value.tsx';

type State = ListedInvoice['state'];

/** Every state, in the order in which an invoice passes through them. */
export const STATE_NAMES: ReadonlyMap<State, string> = new Map([
  ['to_approve', 'To approve'],
  ['to_issue', 'To issue'],
  ['growing', 'Growing'],
  ['issued', 'Issued'],
  ['rejected', 'Rejected'],
  ['void', 'Void'],
]);

const TONES: Readonly<Record<State, Tone>> = {
  ...{
    to_approve: 'warn',
    to_issue: 'info',
    growing: 'quiet',
    issued: 'good',
    rejected: 'quiet',
    void: 'quiet',
  },
};

const KIND_NAMES = { invoice: 'Invoice', supplement: 'Supplement', credit_note: 'Credit note' } as const;

export const KIND_OPTIONS = Object.entries(KIND_NAMES);

export function InvoiceStateBadge({ state }: { state: State }) {
  return <Badge tone={TONES[state]}>{(STATE_NAMES.get(state) ?? state).toLowerCase()}</Badge>;
}

/** `Invoice 17`, or `Draft supplement`. */
export function invoiceName({
  number,
  kind,
  status,
}: Pick<ListedInvoice, 'number' | 'kind' | 'status'>): string {
  if (number !== null) return `${KIND_NAMES[kind]} ${number}`;
  const name = KIND_NAMES[kind].toLowerCase();
  return status === 'approved'
    ? `Approved ${name}`
    : status === 'draft'
      ? `Draft ${name}`
      : `${capital(status)} ${name}`;
}

/** Says "so far" while the amount may still grow. */
export function InvoiceAmount({ of, api }: { of: ListedInvoice; api?: string }) {
  return <Money amount={of.amount} currency={of.currency} soFar={of.state === 'growing'} api={api} />;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
