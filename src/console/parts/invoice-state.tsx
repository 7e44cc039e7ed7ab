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

type Label = NonNullable<ListedInvoice['label']>;

/** Labels of issued invoices, in the order of the tabs. */
export const LABEL_NAMES: ReadonlyMap<Label, string> = new Map([
  ['open', 'Open'],
  ['part_paid', 'Part paid'],
  ['overdue', 'Overdue'],
  ['disputed', 'Disputed'],
  ['paid', 'Paid'],
  ['credited', 'Credited'],
  ['uncollectible', 'Uncollectible'],
]);

const LABEL_TONES: Readonly<Record<Label, Tone>> = {
  ...({ open: 'info', part_paid: 'info', overdue: 'bad', disputed: 'warn' } as const),
  ...({ paid: 'good', credited: 'quiet', uncollectible: 'quiet' } as const),
};

/** The label of an issued invoice with its age, or its state. */
export function InvoiceStanding({ of }: { of: ListedInvoice }) {
  const { label, overdueDays, disputed, state } = of;
  if (label === null) return <InvoiceStateBadge state={state} />;
  const name = (LABEL_NAMES.get(label) ?? label).toLowerCase();
  const days = overdueDays === null || overdueDays === 0 ? '' : ` ${overdueDays} d`;
  return (
    <>
      <Badge tone={LABEL_TONES[label]}>{label === 'overdue' ? `${name}${days}` : name}</Badge>
      {label === 'disputed' && days !== '' ? <Badge tone="bad">{`overdue${days}`}</Badge> : null}
      {disputed && label !== 'disputed' ? <Badge tone="warn">disputed</Badge> : null}
    </>
  );
}

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
  displayNumber,
  kind,
  status,
}: Pick<ListedInvoice, 'displayNumber' | 'kind' | 'status'>): string {
  if (displayNumber !== null) return `${KIND_NAMES[kind]} ${displayNumber}`;
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
