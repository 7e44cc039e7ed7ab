/** The figures of a what-if: both sides in sum, the readings of the terms, the compared clients and the changed invoices. */

import type { Child } from 'hono/jsx';
import type { z } from 'zod';
import type { WhatIfClientSchema, WhatIfSchema } from '../../../admin/routes/what-ifs/what-if-schemas.ts';
import type { PageContext } from '../../context.ts';
import { Panel } from '../figure.tsx';
import { type Column, DataTable } from '../table.tsx';
import { Count, Money, None } from '../value.tsx';
import { billedColumns } from './billed-columns.tsx';
import { LimitCurve } from './curve.tsx';

export type WhatIfJson = z.output<typeof WhatIfSchema>;
export type WhatIfClientJson = z.output<typeof WhatIfClientSchema>;
type Result = NonNullable<WhatIfJson['result']>;
type Amounts = Result['differences'];

/** Both sides in sum, one row a figure. */
export function Sums({ result, api }: { result: Result; api: string }) {
  const { now, tried, differences } = result;
  const counts = [
    ['Clients over their limit', 'clients'],
    ['Breaches', 'breaches'],
    ['Months beyond a licence', 'months'],
    ['Billed posts', 'billedPosts'],
  ] as const;
  return (
    <section class="scroll" tabindex={0} aria-label="Both sides in sum">
      <table>
        <caption>Both sides in sum</caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" class="figure">
              Now
            </th>
            <th scope="col" class="figure">
              Tried
            </th>
            <th scope="col" class="figure">
              Difference
            </th>
          </tr>
        </thead>
        <tbody>
          {counts.map(([label, field]) => (
            <SumRow
              label={label}
              now={<Count value={now[field]} api={`${api}#/result/now/${field}`} />}
              tried={<Count value={tried[field]} api={`${api}#/result/tried/${field}`} />}
              difference={<Signed value={tried[field] - now[field]} />}
            />
          ))}
          <SumRow
            label="Amount"
            now={<AmountList amounts={now.amounts} />}
            tried={<AmountList amounts={tried.amounts} />}
            difference={<AmountList amounts={differences} isSigned />}
          />
        </tbody>
      </table>
    </section>
  );
}

function SumRow(props: { label: string; now: Child; tried: Child; difference: Child }) {
  return (
    <tr>
      <th scope="row">{props.label}</th>
      <td class="figure">{props.now}</td>
      <td class="figure">{props.tried}</td>
      <td class="figure">{props.difference}</td>
    </tr>
  );
}

function Signed({ value }: { value: number }) {
  return (
    <>
      {value > 0 ? '+' : ''}
      <Count value={value} />
    </>
  );
}

function AmountList({ amounts, isSigned = false }: { amounts: Amounts; isSigned?: boolean }) {
  if (amounts.length === 0) return <None />;
  return (
    <>
      {amounts.map(({ amount, currency }) => (
        <div>
          {isSigned && /[1-9]/.test(amount) && !amount.startsWith('-') ? '+' : ''}
          <Money amount={amount} currency={currency} />
        </div>
      ))}
    </>
  );
}

/** The same terms under each basis and rounding, and the curve of their limit. */
export function TermsVariants({ c, whatIf, api }: { c: PageContext; whatIf: WhatIfJson; api: string }) {
  const { result, currency, terms } = whatIf;
  if (result === null || currency === null || terms.kind === 'exempt') return null;
  const own = terms.kind === 'damages' ? terms.threshold : terms.included;
  return (
    <div class="columns">
      <Panel title="Readings of the terms">
        <DataTable
          c={c}
          caption="The tried terms under each basis and rounding"
          columns={readingsIn(currency)}
          rows={result.readings}
          api={api}
        />
      </Panel>
      {result.curve.length < 2 ? null : (
        <Panel title={terms.kind === 'damages' ? 'Curve of the threshold' : 'Curve of the included posts'}>
          <LimitCurve c={c} curve={result.curve} own={own} currency={currency} api={api} />
        </Panel>
      )}
    </div>
  );
}

function readingsIn(currency: string): ReadonlyArray<Column<Result['readings'][number]>> {
  return [
    {
      head: 'Reading',
      cell: ({ basis, rounding, isAsked }) => (
        <>
          {basis === null ? rounding : `${basis}, ${rounding}`}
          {isAsked ? <strong> (asked)</strong> : null}
        </>
      ),
    },
    ...billedColumns(currency),
  ];
}

export const COMPARED_COLUMNS: ReadonlyArray<Column<WhatIfClientJson>> = [
  {
    head: 'Client',
    field: 'clientId',
    cell: ({ clientId }) => <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>,
  },
  { head: 'Posts', field: 'posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  {
    head: 'Peak',
    field: 'peakPosts',
    isFigure: true,
    cell: ({ peakPosts }) => <Count value={peakPosts} />,
  },
  {
    head: 'Breaches now › tried',
    isFigure: true,
    cell: ({ now, tried }) => `${now.breaches + now.months} › ${tried.breaches + tried.months}`,
  },
  { head: 'Amount now', isFigure: true, cell: ({ now }) => <AmountList amounts={now.amounts} /> },
  { head: 'Amount tried', isFigure: true, cell: ({ tried }) => <AmountList amounts={tried.amounts} /> },
  {
    head: 'Difference',
    isFigure: true,
    cell: ({ differences }) => <AmountList amounts={differences} isSigned />,
  },
];

type ChangedInvoice = NonNullable<Result['invoices']>[number];

const EFFECTS = {
  supplement: 'gets a supplement',
  credit_note: 'gets a credit note',
  changed: 'draft changes',
  void: 'draft becomes void',
} as const;

/** The existing invoices that a version with a start in the past changes. */
export function ChangedInvoices(props: { c: PageContext; invoices: readonly ChangedInvoice[]; api: string }) {
  const { c, invoices, api } = props;
  if (invoices.length === 0) return <p>No existing invoice changes.</p>;
  return (
    <DataTable
      c={c}
      caption="Existing invoices that change"
      api={api}
      rows={invoices}
      columns={[
        {
          head: 'Invoice',
          cell: ({ invoiceId, number }) => (
            <a href={`/invoices/${invoiceId}`}>{number === null ? 'draft' : `No. ${number}`}</a>
          ),
        },
        { head: 'Client', field: 'clientId', cell: ({ clientId }) => clientId },
        { head: 'Effect', cell: ({ effect }) => EFFECTS[effect] },
        {
          head: 'Amount',
          field: 'amount',
          isFigure: true,
          cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />,
        },
        {
          head: 'Difference',
          field: 'difference',
          isFigure: true,
          cell: ({ difference, currency }) => (
            <AmountList amounts={[{ amount: difference, currency }]} isSigned />
          ),
        },
      ]}
    />
  );
}
