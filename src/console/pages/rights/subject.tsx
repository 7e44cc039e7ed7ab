/** One subject of the registry: its states, the history of its settings, and a form that states the next one. */

import { api, hrefOf, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { type FormState, FRESH } from '../../parts/form.tsx';
import { StateList } from '../../parts/rights/askers.tsx';
import {
  SettingForm,
  type SettingJson,
  type SubjectJson,
  settingColumns,
  storeSetting,
} from '../../parts/rights/registry.tsx';
import { DataTable, Pager } from '../../parts/table.tsx';
import { Moment } from '../../parts/value.tsx';

const DONE = { set: 'The setting is stored. It holds in every process within a second.' };

export const rightsSubjectPage: ConsolePage = {
  path: '/rights/subjects/:id',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const found = await api(c).get<SubjectJson>(pathOf(c));
    if (!found.ok) return problemPage(c, found.problem);
    const { kind, scope, name } = found.value;
    const answer = await storeSetting(c, { ...values, kind, scope, name });
    return answer.ok ? seeDone(c, c.req.path, 'set') : render(c, { values, problem: answer.problem });
  },
};

function pathOf(c: PageContext): string {
  return `/v1/rights/subjects/${encodeURIComponent(c.req.param('id') ?? '')}`;
}

async function render(c: PageContext, state: FormState) {
  const path = pathOf(c);
  const settingsPath = hrefOf(`${path}/settings`, { limit: 50, cursor: c.req.query('cursor') });
  const [found, settings] = await Promise.all([
    api(c).get<SubjectJson>(path),
    api(c).get<PageOf<SettingJson>>(settingsPath),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  if (!settings.ok) return problemPage(c, settings.problem);
  const { kind, scope, name, on, off, changedAt } = found.value;
  const scoped = scope === '' ? {} : { scope };
  const explain = hrefOf('/rights/explain', { [kind]: name, ...(kind === 'blog' ? {} : scoped) });
  return page(
    c,
    {
      title: `${kind} ${name}`,
      aside: <a href={explain}>Explain</a>,
      live: ['rights'],
      done: DONE,
      status: state.problem?.status ?? 200,
    },
    <>
      <p>
        <a href="/rights">All subjects</a>
      </p>
      <Facts
        facts={[
          ['Scope', scope === '' ? null : <bdi>{scope}</bdi>],
          ['States that are on', <StateList states={on} />],
          ['Explicitly allowed', <StateList states={off} />],
          ['Changed (UTC)', <Moment at={changedAt} api={`${path}#/changedAt`} seconds />],
        ]}
      />
      <Panel title="History">
        <DataTable
          c={c}
          caption="Settings, newest first (times are UTC)"
          columns={settingColumns(true)}
          rows={settings.value.items}
          keyOf={({ sequence }) => String(sequence)}
          api={settingsPath}
        />
        <Pager c={c} next={settings.value.next} />
      </Panel>
      {mayAct(c, 'rights') ? (
        <Panel title="State a setting">
          <SettingForm state={state} subject={found.value} />
        </Panel>
      ) : null}
    </>,
  );
}
