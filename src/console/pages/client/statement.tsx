/** The statement of account of a client: a running balance over its documents and its money. */

import type { StatementJson } from '../../../admin/routes/payments/statement.ts';
import { movementName } from '../../../receivable/statement.ts';
import { api, hrefOf } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Figure, Figures } from '../../parts/figure.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Money, None } from '../../parts/value.tsx';

const FIELDS: readonly FilterField[] = [
  { name: 'from', label: 'From', type: 'date' },
  { name: 'to', label: 'Until', type: 'date' },
  { name: 'currency', label: 'Currency', placeholder: 'USD' },
];

export const statementPage: ConsolePage = {
  path: '/clients/:id/statement',
  async get(c) {
    const id = c.req.param('id') ?? '';
    const { from, to, currency } = c.req.query();
    const query = { from, to, currency };
    const path = `/v1/clients/${encodeURIComponent(id)}/statement`;
    const read = await api(c).get<StatementJson>(path, query);
    if (!read.ok) return problemPage(c, read.problem);
    const statement = read.value;
    const csv = hrefOf(path, { ...query, format: 'csv' });
    const money = (amount: string, field?: string) => (
      <Money
        amount={amount}
        currency={statement.currency}
        api={field === undefined ? undefined : `${hrefOf(path, query)}#/${field}`}
      />
    );
    const columns: ReadonlyArray<Column<StatementJson['rows'][number]>> = [
      { head: 'Date', field: 'on', cell: ({ on }) => on },
      { head: 'Movement', cell: ({ kind }) => movementName(kind) },
      {
        head: 'Number',
        cell: ({ number, id: of }) => (number === null ? <None /> : <a href={`/invoices/${of}`}>{number}</a>),
      },
      { head: 'Text', cell: ({ text }) => text ?? <None /> },
      { head: 'Due', cell: ({ dueOn }) => dueOn ?? <None /> },
      { head: 'Amount', field: 'amount', isFigure: true, cell: ({ amount }) => money(amount) },
      { head: 'Balance', field: 'balance', isFigure: true, cell: ({ balance }) => money(balance) },
    ];
    return page(
      c,
      {
        title: `Statement of ${id}`,
        aside: (
          <>
            {statement.rows.length === 0 ? null : (
              <a class="button" href={hrefOf(path, { ...query, format: 'pdf' })}>
                PDF
              </a>
            )}
            <a class="button" href={csv}>
              CSV
            </a>
            <a class="button" href={`/clients/${encodeURIComponent(id)}`}>
              Client
            </a>
          </>
        ),
      },
      <>
        <Filter c={c} fields={FIELDS} />
        <Figures label="Balances">
          <Figure label={`Opening, ${statement.from}`}>{money(statement.opening, 'opening')}</Figure>
          <Figure label={`Closing, ${statement.to}`} note="opening + movements = closing">
            {money(statement.closing, 'closing')}
          </Figure>
        </Figures>
        {statement.rows.length === 0 ? (
          <Empty title="No movements in this time" />
        ) : (
          <DataTable
            {...{ c, columns, rows: statement.rows, api: hrefOf(path, query) }}
            caption={`Amounts in ${statement.currency}; a negative balance is in favour of the client`}
          />
        )}
      </>,
    );
  },
};
