/** The list of payments: what came in, what it is for, and the form that records one. */

import type { PaymentDetailJson, PaymentJson } from '../../../admin/routes/payments/payment-schemas.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Money, None } from '../../parts/value.tsx';

const PATH = '/v1/payments';

const FIELDS: readonly FilterField[] = [
  { name: 'q', label: 'Payer, reference or client', type: 'search' },
  { name: 'currency', label: 'Currency', placeholder: 'USD' },
  { name: 'receivedFrom', label: 'Received from', type: 'date' },
  { name: 'receivedTo', label: 'Received until', type: 'date' },
  {
    ...{ name: 'left', label: 'Left' },
    options: [
      ['', 'all'],
      ['true', 'something is left'],
    ],
  },
];

const COLUMNS: ReadonlyArray<Column<PaymentJson>> = [
  {
    ...{ head: 'Received', field: 'receivedOn' },
    cell: ({ id, receivedOn }) => <a href={`/payments/${id}`}>{receivedOn}</a>,
  },
  { head: 'Payer', field: 'payer', cell: ({ payer }) => payer ?? <None /> },
  {
    ...{ head: 'Client', field: 'clientId' },
    cell: ({ clientId }) =>
      clientId === null ? <None /> : <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>,
  },
  { head: 'Reference', field: 'reference', cell: ({ reference }) => reference ?? <None /> },
  ...(['amount', 'allocated', 'left'] as const).map(
    (field): Column<PaymentJson> => ({
      ...{ head: field === 'amount' ? 'Amount' : field === 'left' ? 'Left' : 'Allocated', field },
      isFigure: true,
      cell: (row) => <Money amount={row[field]} currency={row.currency} />,
    }),
  ),
  { head: 'Source', field: 'source', cell: ({ source }) => source },
];

export const paymentsPage: ConsolePage = {
  path: '/payments',
  nav: { label: 'Payments', group: 'Money' },
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const answer = await api(c).post<PaymentDetailJson>(PATH, recordOf(values));
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    return seeDone(c, `/payments/${answer.value.id}`, 'recorded');
  },
};

/** Empty fields are left out. */
function recordOf(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

async function render(c: PageContext, state: FormState) {
  const { q, currency, receivedFrom, receivedTo, left, client, cursor, limit = '50' } = c.req.query();
  const filter = { q, currency, receivedFrom, receivedTo, left, client };
  const list = await api(c).get<PageOf<PaymentJson>>(PATH, { ...filter, cursor, limit });
  if (!list.ok) return problemPage(c, list.problem);
  const { items, next } = list.value;
  const mayRecord = mayAct(c, 'finance');
  const given = Object.entries(filter).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const csv = `${PATH}?${new URLSearchParams([...given, ['format', 'csv']])}`;
  return page(
    c,
    {
      ...{ title: 'Payments', status: state.problem?.status ?? 200 },
      aside: (
        <>
          {mayRecord ? (
            <a class="button" href="/payments/import">
              Import
            </a>
          ) : null}
          <a class="button" href={csv}>
            CSV
          </a>
        </>
      ),
    },
    <>
      <Filter c={c} fields={FIELDS} />
      {items.length === 0 ? (
        <Empty title="No payments" />
      ) : (
        <DataTable
          {...{ c, caption: 'The last recorded first', columns: COLUMNS, rows: items, api: PATH }}
          keyOf={({ id }) => id}
        />
      )}
      <Pager c={c} next={next} />
      {mayRecord ? <RecordPanel state={state} /> : null}
    </>,
  );
}

function RecordPanel({ state }: { state: FormState }) {
  return (
    <Panel title="Record a payment" id="record">
      <PostForm state={state} api="POST /v1/payments">
        {/* A form that is sent twice records one payment. */}
        <input type="hidden" name="externalId" value={state.values.externalId ?? crypto.randomUUID()} />
        <div class="fields">
          <Field name="receivedOn" label="Received on" type="date" state={state} required />
          <Field
            name="amount"
            label="Amount"
            state={state}
            required
            inputmode="decimal"
            placeholder="15000.02"
          />
          <Field name="currency" label="Currency" state={state} required value="USD" />
          <Field
            name="clientId"
            label="Client"
            state={state}
            hint="Empty: the payer is not a known client."
          />
          <Field name="payer" label="Payer" state={state} />
          <Field name="reference" label="Reference" state={state} />
          <Field name="method" label="Method" state={state} placeholder="wire" />
          <Field name="sellerId" label="Seller" state={state} value="default" />
        </div>
        <Field name="note" label="Note" state={state} lines={2} />
        <p class="hint">A payment is final. The next page allocates it to invoices.</p>
        <p>
          <Submit tone="primary">Record</Submit>
        </p>
      </PostForm>
    </Panel>
  );
}
