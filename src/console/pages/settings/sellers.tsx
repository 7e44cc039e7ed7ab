/** Settings of money: the sellers, and the way to clauses. */

import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Moment, None } from '../../parts/value.tsx';
import type { SellerJson } from './data.ts';

const COLUMNS: ReadonlyArray<Column<SellerJson>> = [
  { head: 'Seller', cell: ({ id }) => <a href={`/settings/sellers/${id}`}>{id}</a> },
  { head: 'Legal name', field: 'legalName', cell: ({ legalName }) => legalName ?? <None>missing</None> },
  { head: 'Country', field: 'country', cell: ({ country }) => country ?? <None>missing</None> },
  { head: 'VAT id', field: 'vatId', cell: ({ vatId }) => vatId ?? <None /> },
  { head: 'Due after', cell: ({ termsDays }) => `${termsDays} days` },
  { head: 'Clauses', cell: ({ clauseFamily }) => clauseFamily ?? <None>none</None> },
  { head: 'Changed (UTC)', field: 'updatedAt', cell: ({ updatedAt }) => <Moment at={updatedAt} /> },
  {
    head: 'State',
    cell: ({ archivedAt }) =>
      archivedAt === null ? <Badge tone="good">in use</Badge> : <Badge tone="quiet">archived</Badge>,
  },
];

export const settingsPage: ConsolePage = {
  path: '/settings',
  nav: { label: 'Settings', group: 'System' },
  get: (c) => render(c, FRESH),

  async post(c) {
    const { id, legalName } = await formOf(c);
    const added = await api(c).post<SellerJson>('/v1/sellers', { id, legalName: legalName || null });
    if (!added.ok) return render(c, { values: { id: id ?? '' }, problem: added.problem });
    return c.redirect(`/settings/sellers/${added.value.id}`, 303);
  },
};

async function render(c: PageContext, state: FormState) {
  const found = await api(c).get<PageOf<SellerJson>>('/v1/sellers', { cursor: c.req.query('cursor') });
  if (!found.ok) return problemPage(c, found.problem);
  return page(
    c,
    { title: 'Settings', live: ['audit'], status: state.problem?.status ?? 200 },
    <>
      <p>
        A seller is a legal entity that claims. Its invoices name it, its bank account and its tax, and cite{' '}
        <a href="/settings/clauses">clauses</a>. Issued documents keep what the seller was at their issue.
      </p>
      <Panel title="Sellers">
        <DataTable
          c={c}
          caption="Sellers by id"
          columns={COLUMNS}
          rows={found.value.items}
          keyOf={({ id }) => id}
          api="/v1/sellers"
        />
        <Pager c={c} next={found.value.next} />
        {mayAct(c, 'admin') ? (
          <details open={state.problem !== undefined}>
            <summary>Add a seller</summary>
            <PostForm state={state} api="POST /v1/sellers">
              <Field name="id" label="Id" state={state} required hint="Letters a-z, digits, _ and -." />
              <Field name="legalName" label="Legal name" state={state} />
              <p>
                <Submit tone="primary">Add the seller</Submit>
              </p>
            </PostForm>
          </details>
        ) : null}
      </Panel>
    </>,
  );
}
