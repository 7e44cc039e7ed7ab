/** The clauses that invoices cite: those of the product, and those that administrators added. */

import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { utcOf } from '../../parts/filter.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Count, Moment, Money } from '../../parts/value.tsx';
import type { ClauseJson } from './data.ts';

const COLUMNS: ReadonlyArray<Column<ClauseJson>> = [
  { head: 'Clause', field: 'id', cell: ({ id }) => <code>{id}</code> },
  { head: 'Family', field: 'family', cell: ({ family }) => family },
  { head: 'Valid from (UTC)', field: 'validFrom', cell: ({ validFrom }) => <Moment at={validFrom} /> },
  {
    ...{ head: 'Per block', isFigure: true },
    cell: ({ price, currency }) => <Money amount={price} currency={currency} />,
  },
  { head: 'Threshold', isFigure: true, cell: ({ threshold }) => <Count value={threshold} /> },
  {
    head: 'Claims expire after',
    cell: ({ claimPeriods }) =>
      claimPeriods.map(({ label, months }) => `${months} months (${label.en})`).join(', '),
  },
  {
    head: 'Text',
    cell: ({ name, text, source, law }) => (
      <details>
        <summary>{name}</summary>
        <blockquote>{text}</blockquote>
        <p>
          {source}. Law: {law}.
        </p>
      </details>
    ),
  },
  { head: 'By', cell: ({ isShipped, createdBy }) => (isShipped ? 'Postmeter' : createdBy) },
];

export const clausesPage: ConsolePage = {
  path: '/settings/clauses',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const added = await api(c).post<ClauseJson>('/v1/clauses', clauseOf(values));
    return added.ok
      ? seeDone(c, '/settings/clauses', 'added')
      : render(c, { values, problem: added.problem });
  },
};

function clauseOf({ threshold, validFrom, periods = '', ...rest }: Readonly<Record<string, string>>) {
  const claimPeriods = periods
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [months = '', ...label] = line.trim().split(' ');
      return { months: Number(months), label: { en: label.join(' ') } };
    });
  return { ...rest, threshold: Number(threshold), validFrom: utcOf(validFrom), claimPeriods };
}

async function render(c: PageContext, state: FormState) {
  const asked = { cursor: c.req.query('cursor'), limit: 100 };
  const found = await api(c).get<PageOf<ClauseJson>>('/v1/clauses', asked);
  if (!found.ok) return problemPage(c, found.problem);
  return page(
    c,
    {
      title: 'Clauses',
      live: ['audit'],
      done: { added: 'The clause is added.' },
      status: state.problem?.status ?? 200,
    },
    <>
      <p>
        <a href="/settings">All sellers</a>. An invoice cites the clause of its seller's family and of its
        currency that was in force at the start of its breach.
      </p>
      <DataTable
        c={c}
        caption="Clauses by id"
        columns={COLUMNS}
        rows={found.value.items}
        keyOf={({ id }) => id}
        api="/v1/clauses?limit=100"
      />
      <Pager c={c} next={found.value.next} />
      {mayAct(c, 'admin') ? <NewClauseForm state={state} /> : null}
    </>,
  );
}

function NewClauseForm({ state }: { state: FormState }) {
  return (
    <details open={state.problem !== undefined}>
      <summary>Add a clause</summary>
      <PostForm state={state} api="POST /v1/clauses">
        <Field name="id" label="Id" state={state} required />
        <Field name="family" label="Family" state={state} required hint="All versions of the same terms." />
        <Field name="variant" label="Variant" state={state} required placeholder="us" />
        <Field name="name" label="Name" state={state} required />
        <Field name="text" label="Quoted text" state={state} required lines={8} />
        <Field name="source" label="Source" state={state} required />
        <Field name="law" label="Law" state={state} required />
        <Field name="currency" label="Currency" state={state} required placeholder="USD" />
        <Field name="price" label="Price of a block" state={state} required placeholder="15000.00" />
        <Field name="threshold" label="Threshold in posts" state={state} required type="number" />
        <Field
          name="periods"
          field="claimPeriods"
          label="Claims expire after"
          state={state}
          lines={3}
          hint="One line each: the months, a space, and the claims in English."
        />
        <Field name="validFrom" label="Valid from (UTC)" state={state} required type="datetime-local" />
        <Field name="reason" label="Reason" state={state} required />
        <p>
          <Submit tone="primary">Add the clause</Submit>
        </p>
      </PostForm>
    </details>
  );
}
