/** The pages that approve or issue many invoices: first what is in the way of each, then what became of each. */

import type { BulkJson } from '../../../admin/routes/invoices/invoice-bulk.ts';
import { counted } from '../../../report/counted.ts';
import { api } from '../../api.ts';
import { type ConsolePage, formOf, listOf, type PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Figure, Figures } from '../../parts/figure.tsx';
import { Confirmation, FRESH } from '../../parts/form.tsx';
import { Notice, type Tone } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Money, None } from '../../parts/value.tsx';

type Item = BulkJson['items'][number];
type Action = 'approve' | 'issue';

const TITLES = { approve: 'Approve invoices', issue: 'Issue invoices' };
const BACK = { approve: '/invoices?state=to_approve', issue: '/invoices?state=to_issue' };
const TONES: Readonly<Record<Item['outcome'], Tone>> = {
  ...{ done: 'good', possible: 'info', refused: 'warn', failed: 'bad' },
};

const COLUMNS: ReadonlyArray<Column<Item>> = [
  { head: 'Invoice', cell: ({ id, number }) => <a href={`/invoices/${id}`}>{number ?? 'draft'}</a> },
  { head: 'Client', cell: ({ clientId }) => clientId ?? <None /> },
  {
    head: 'Amount',
    isFigure: true,
    cell: ({ amount, currency }) =>
      amount === null || currency === null ? <None /> : <Money amount={amount} currency={currency} />,
  },
  {
    head: 'Outcome',
    field: 'outcome',
    cell: ({ outcome }) => <Badge tone={TONES[outcome]}>{outcome}</Badge>,
  },
  {
    head: 'What is in the way',
    cell: ({ reason, hint }) => (reason === null ? <None /> : `${reason}${hint === null ? '' : `: ${hint}`}`),
  },
];

export const bulkApprovePage = bulkPage('approve');
export const bulkIssuePage = bulkPage('issue');

function bulkPage(action: Action): ConsolePage {
  return {
    path: `/invoices/${action}`,
    get: (c) => c.redirect(BACK[action], 303),
    async post(c) {
      const ids = await listOf(c, 'id');
      if (ids.length === 0) return nothingSelected(c, action);
      const isConfirmed = (await formOf(c)).confirmed === 'yes';
      const body = { ids, dryRun: !isConfirmed };
      const answer = await api(c).post<BulkJson>(`/v1/invoices/${action}`, body);
      if (!answer.ok) return problemPage(c, answer.problem);
      return isConfirmed ? done(c, action, answer.value.items) : confirmation(c, action, answer.value.items);
    },
  };
}

function nothingSelected(c: PageContext, action: Action) {
  return page(
    c,
    { title: TITLES[action] },
    <>
      <Notice tone="warn" hasFocus>
        No invoice is selected.
      </Notice>
      <p>
        <a href={BACK[action]}>Back to the list</a>
      </p>
    </>,
  );
}

function confirmation(c: PageContext, action: Action, items: readonly Item[]) {
  const possible = items.filter(({ outcome }) => outcome === 'possible');
  const refused = items.length - possible.length;
  return page(
    c,
    { title: TITLES[action] },
    <>
      <Sums items={possible} label={action === 'approve' ? 'Will be approved' : 'Will be issued'} />
      {refused === 0 ? null : (
        <Notice tone="warn">
          {refused} of {items.length} cannot be {action === 'approve' ? 'approved' : 'issued'}; they stay as
          they are.
        </Notice>
      )}
      <DataTable
        c={c}
        caption={`${items.length} selected`}
        columns={COLUMNS}
        rows={items}
        keyOf={({ id }) => id}
      />
      {possible.length === 0 ? (
        <p>
          <a href={BACK[action]}>Back to the list</a>
        </p>
      ) : (
        <Confirmation
          state={FRESH}
          label={`${action === 'approve' ? 'Approve' : 'Issue'} ${possible.length}`}
          back={BACK[action]}
          tone={action === 'issue' ? 'danger' : 'primary'}
          api={`/v1/invoices/${action}`}
          hidden={{ confirmed: 'yes' }}
        >
          {possible.map(({ id }) => (
            <input type="hidden" name="id" value={id} />
          ))}
          <p>
            {action === 'issue'
              ? 'Each gets the next number, and its content can never change again. Corrections are supplements and credit notes.'
              : 'An approval is dropped if billing changes the amount afterwards.'}
          </p>
        </Confirmation>
      )}
    </>,
  );
}

function done(c: PageContext, action: Action, items: readonly Item[]) {
  const finished = items.filter(({ outcome }) => outcome === 'done');
  const left = items.length - finished.length;
  const word = action === 'approve' ? 'approved' : 'issued';
  return page(
    c,
    { title: TITLES[action] },
    <>
      <Notice tone={left === 0 ? 'good' : 'warn'} hasFocus>
        {finished.length} {word}
        {left === 0 ? '.' : `, ${left} not ${word}: the table says why.`}
      </Notice>
      <Sums items={finished} label={action === 'approve' ? 'Approved' : 'Issued'} />
      <DataTable c={c} caption="What became of each" columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
      <p>
        <a href={BACK[action]}>Back to the list</a>
      </p>
    </>,
  );
}

/** Sums by currency. Amounts of one currency have the same number of decimals. */
function Sums({ items, label }: { items: readonly Item[]; label: string }) {
  const sums = new Map<string, { count: number; amount: string }>();
  for (const { currency, amount } of items) {
    if (currency === null || amount === null) continue;
    const { count, amount: before } = sums.get(currency) ?? { count: 0, amount: '0' };
    sums.set(currency, { count: count + 1, amount: decimalSum(before, amount) });
  }
  if (sums.size === 0) return null;
  return (
    <Figures label={label}>
      {[...sums].map(([currency, { count, amount }]) => (
        <Figure label={`${label}, ${currency}`} note={counted(count, 'invoice')}>
          <Money amount={amount} currency={currency} />
        </Figure>
      ))}
    </Figures>
  );
}

/** Adds decimal text exactly. */
function decimalSum(a: string, b: string): string {
  const places = (b.split('.')[1] ?? '').length;
  const minor = (text: string) => BigInt(text === '0' ? '0' : text.replace('.', ''));
  const sum = minor(a) + minor(b);
  if (places === 0) return String(sum);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0');
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
