/** The registry of rights: its sources, its subjects with their states, and a form that states a setting. */

import type { z } from 'zod';
import type { SourcesSchema } from '../../../admin/routes/rights/subjects.ts';
import { api, hrefOf, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { type FormState, FRESH } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { StateList } from '../../parts/rights/askers.tsx';
import {
  RightsTabs,
  SettingForm,
  STATE_OPTIONS,
  SUBJECT_KIND_OPTIONS,
  type SubjectJson,
  storeSetting,
} from '../../parts/rights/registry.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Count, Moment, None } from '../../parts/value.tsx';

type Sources = z.output<typeof SourcesSchema>;

const PATH = '/rights';
const DONE = {
  set: 'The setting is stored. It holds in every process within a second.',
  imported: 'The file is imported.',
};
const FIELDS: readonly FilterField[] = [
  { name: 'kind', label: 'Kind', options: [['', 'any'], ...SUBJECT_KIND_OPTIONS] },
  { name: 'name', label: 'Name', type: 'search' },
  { name: 'scope', label: 'Scope', type: 'search' },
  { name: 'state', label: 'State that is on', options: [['', 'any'], ...STATE_OPTIONS] },
];

export const rightsPage: ConsolePage = {
  path: PATH,
  nav: { label: 'Rights', group: 'Access' },
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const answer = await storeSetting(c, values);
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    const { kind = '', name = '', scope = '' } = values;
    return seeDone(c, hrefOf(PATH, { kind, name, scope }), 'set');
  },
};

async function render(c: PageContext, state: FormState) {
  const { cursor, kind, name, scope, state: wanted } = c.req.query();
  const path = hrefOf('/v1/rights/subjects', { limit: 50, cursor, kind, name, scope, state: wanted });
  const [sources, found] = await Promise.all([
    api(c).get<Sources>('/v1/rights/sources'),
    api(c).get<PageOf<SubjectJson>>(path),
  ]);
  if (!sources.ok) return problemPage(c, sources.problem);
  if (!found.ok) return problemPage(c, found.problem);
  const { items, next } = found.value;
  const mayWrite = mayAct(c, 'rights');
  const isFiltered = [kind, name, scope, wanted].some((value) => (value ?? '') !== '');
  return page(
    c,
    { title: 'Rights', done: DONE, status: state.problem?.status ?? 200 },
    <>
      <RightsTabs c={c} mayWrite={mayWrite} />
      <p>
        What may leave the platform: states of posts, authors, blogs and paths. The policy says which class of
        askers does not get a post with a state.
      </p>
      <Panel title="Subjects">
        <Filter c={c} fields={FIELDS} />
        {items.length === 0 ? (
          <Empty title={isFiltered ? 'No subject is like this' : 'The registry is empty'}>
            {isFiltered ? null : (
              <p>
                The platform states settings with <code>POST /v1/rights/settings</code>, or you import a file.
              </p>
            )}
          </Empty>
        ) : (
          <DataTable
            c={c}
            caption="Subjects, oldest first (times are UTC)"
            columns={COLUMNS}
            rows={items}
            keyOf={({ id }) => String(id)}
            api={path}
          />
        )}
        <Pager c={c} next={next} />
      </Panel>
      <Panel title="Sources">
        {sources.value.items.length === 0 ? (
          <Empty title="No source has stated anything yet" />
        ) : (
          <DataTable
            c={c}
            caption="Who states settings (times are UTC)"
            columns={SOURCES}
            rows={sources.value.items}
            keyOf={({ id }) => id}
            api="/v1/rights/sources"
          />
        )}
      </Panel>
      {mayWrite ? (
        <Panel title="State a setting">
          <SettingForm state={state} />
        </Panel>
      ) : null}
    </>,
  );
}

const COLUMNS: ReadonlyArray<Column<SubjectJson>> = [
  {
    head: 'Subject',
    field: 'name',
    cell: ({ id, name }) => (
      <a href={`${PATH}/subjects/${id}`}>
        <bdi>{name}</bdi>
      </a>
    ),
  },
  { head: 'Kind', field: 'kind', cell: ({ kind }) => kind },
  { head: 'Scope', cell: ({ scope }) => (scope === '' ? <None /> : <bdi>{scope}</bdi>) },
  { head: 'On', cell: ({ on }) => <StateList states={on} /> },
  { head: 'Allowed', cell: ({ off }) => <StateList states={off} /> },
  { head: 'Changed', field: 'changedAt', cell: ({ changedAt }) => <Moment at={changedAt} /> },
];

const SOURCES: ReadonlyArray<Column<Sources['items'][number]>> = [
  { head: 'Source', field: 'id', cell: ({ id }) => id },
  { head: 'Settings', field: 'settings', isFigure: true, cell: ({ settings }) => <Count value={settings} /> },
  { head: 'Since', field: 'createdAt', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  {
    head: 'Last received',
    field: 'lastReceivedAt',
    cell: ({ lastReceivedAt }) => <Moment at={lastReceivedAt} />,
  },
];
