/** What-ifs: the form that tries other terms on real usage, and those that were tried. */

import type { z } from 'zod';
import type { TariffOverviewSchema } from '../../../admin/routes/tariffs/tariff-overview.ts';
import type { WhatIfSummarySchema } from '../../../admin/routes/what-ifs/what-if-schemas.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/figure.tsx';
import { utcOf } from '../../parts/filter.tsx';
import { Checkbox, Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { TermsFields, type TermsJson, termsOfForm, termsSentence } from '../../parts/terms.tsx';
import { Moment } from '../../parts/value.tsx';
import type { WhatIfJson } from '../../parts/what-if/result.tsx';
import { STATE_TONES } from '../../parts/what-if/state.ts';

type Summary = z.output<typeof WhatIfSummarySchema>;
type Overview = z.output<typeof TariffOverviewSchema>;

const COLUMNS: ReadonlyArray<Column<Summary>> = [
  {
    head: 'Started (UTC)',
    field: 'createdAt',
    cell: ({ id, createdAt }) => (
      <a href={`/what-if/${id}`}>
        <Moment at={createdAt} />
      </a>
    ),
  },
  { head: 'State', cell: ({ state }) => <Badge tone={STATE_TONES[state]}>{state}</Badge> },
  { head: 'Terms', cell: ({ terms }) => termsSentence(terms) },
  { head: 'From', field: 'from', cell: ({ from }) => <Moment at={from} /> },
  { head: 'To', field: 'to', cell: ({ to }) => <Moment at={to} /> },
  { head: 'By', field: 'createdBy', cell: ({ createdBy }) => createdBy },
];

export const whatIfPage: ConsolePage = {
  path: '/what-if',
  nav: { label: 'What-if', group: 'Metering' },
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const answer = await api(c).post<WhatIfJson>('/v1/what-ifs', {
      terms: termsOfForm(values),
      scope: scopeOf(values),
      from: utcOf(values.from),
      to: utcOf(values.to),
    });
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    return c.redirect(`/what-if/${answer.value.id}`, 303);
  },
};

function scopeOf({ scope, clients = '', callers }: Readonly<Record<string, string>>) {
  const named = clients.split(/[\s,]+/).filter((id) => id !== '');
  return { clients: scope === 'named' ? named : (scope ?? 'default'), callers: callers === 'yes' };
}

async function render(c: PageContext, state: FormState) {
  const { cursor, client, terms } = c.req.query();
  const [found, overview] = await Promise.all([
    api(c).get<PageOf<Summary>>('/v1/what-ifs', { limit: 25, cursor }),
    api(c).get<Overview>('/v1/tariffs/overview', { limit: 1 }),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  const { items, next } = found.value;
  const current = overview.ok ? (overview.value.default.current?.terms ?? null) : null;
  const status = state.problem === undefined ? 200 : state.problem.status;
  return page(
    c,
    { title: 'What-if', status, live: ['what-ifs'] },
    <>
      <p>What would other terms have meant? Nothing that is billed changes.</p>
      {mayAct(c, 'operator') ? (
        <WhatIfForm state={state} terms={termsGiven(terms) ?? current} client={client} />
      ) : null}
      <Panel title="Tried before">
        {items.length === 0 ? (
          <Empty title="Nothing was tried yet" />
        ) : (
          <DataTable
            c={c}
            caption="What-ifs, newest first (times are UTC)"
            columns={COLUMNS}
            rows={items}
            keyOf={({ id }) => id}
            api="/v1/what-ifs?limit=25"
          />
        )}
        <Pager c={c} next={next} />
      </Panel>
    </>,
  );
}

/** Terms that another page links to, as JSON. */
function termsGiven(text: string | undefined): TermsJson | null {
  try {
    const terms: unknown = JSON.parse(text ?? 'null');
    return typeof terms === 'object' && !Array.isArray(terms) ? (terms as TermsJson | null) : null;
  } catch {
    return null;
  }
}

function WhatIfForm(props: { state: FormState; terms: TermsJson | null; client: string | undefined }) {
  const { state, terms, client } = props;
  return (
    <PostForm state={state} api="POST /v1/what-ifs" class="form card">
      <TermsFields state={state} terms={terms} />
      <div class="fields">
        <Field
          name="scope"
          label="For"
          state={state}
          value={client === undefined ? 'default' : 'named'}
          options={[
            ['default', 'all on the default tariff'],
            ['all', 'all clients'],
            ['named', 'the clients named here'],
          ]}
        />
        <Field
          name="clients"
          field="scope.clients"
          label="Clients"
          state={state}
          value={client}
          hint="Ids, separated by spaces."
        />
        <Field
          name="from"
          label="From (UTC)"
          state={state}
          type="datetime-local"
          hint="Empty: 30 days before the end."
        />
        <Field name="to" label="To (UTC)" state={state} type="datetime-local" hint="Empty: now." />
      </div>
      <Checkbox name="callers" label="Unknown callers too" state={state} />
      <p class="buttons">
        <Submit tone="primary">Run</Submit>
      </p>
    </PostForm>
  );
}
