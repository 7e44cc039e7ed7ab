/** The levels of all clients, and of those with levels of their own. */

import type { z } from 'zod';
import type { DefaultLevels, OwnLevels } from '../../../admin/routes/alerts/levels.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { AlertTabs } from '../../parts/alerts.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Moment } from '../../parts/value.tsx';

const PATH = '/alerts/levels';
const DONE = { set: 'The levels are set.' };

const COLUMNS: ReadonlyArray<Column<z.output<typeof OwnLevels>>> = [
  {
    head: 'Client',
    field: 'clientId',
    cell: ({ clientId }) => <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>,
  },
  { head: 'Levels', cell: ({ levels }) => levelsText(levels) },
  { head: 'Set (UTC)', field: 'setAt', cell: ({ setAt }) => <Moment at={setAt} /> },
  { head: 'By', field: 'setBy', cell: ({ setBy }) => setBy },
];

export const alertLevelsPage: ConsolePage = {
  path: PATH,
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const { client = '', levels = '' } = values;
    const path =
      client.trim() === '' ? '/v1/levels' : `/v1/clients/${encodeURIComponent(client.trim())}/levels`;
    const set = await api(c).put(path, { levels: parsedLevels(levels) });
    return set.ok ? seeDone(c, PATH, 'set') : render(c, { values, problem: set.problem });
  },
};

async function render(c: PageContext, state: FormState) {
  const [general, own] = await Promise.all([
    api(c).get<z.output<typeof DefaultLevels>>('/v1/levels'),
    api(c).get<PageOf<z.output<typeof OwnLevels>>>('/v1/client-levels', {
      cursor: c.req.query('cursor'),
      limit: 50,
    }),
  ]);
  if (!general.ok) return problemPage(c, general.problem);
  if (!own.ok) return problemPage(c, own.problem);
  return page(
    c,
    { title: 'Levels', done: DONE, status: state.problem?.status ?? 200 },
    <>
      <AlertTabs c={c} />
      <p>
        An event is written when the rolling total of a client rises over a level, in percent of its
        threshold. It is written again only after the total was ten points below the level.
      </p>
      <Facts
        facts={[
          [
            'Levels of all clients',
            `${levelsText(general.value.levels)}${general.value.isSet ? '' : ' (default)'}`,
          ],
        ]}
      />
      {own.value.items.length === 0 ? (
        <Empty title="No client has levels of its own" />
      ) : (
        <DataTable
          c={c}
          caption="Clients with levels of their own"
          api="/v1/client-levels"
          columns={COLUMNS}
          rows={own.value.items}
        />
      )}
      <Pager c={c} next={own.value.next} />
      {mayAct(c, 'operator', 'admin') ? (
        <Panel title="Set levels">
          <PostForm state={state} api="/v1/levels">
            <Field
              name="client"
              field="clientId"
              label="Client"
              state={state}
              hint="The id of one client. Empty: all clients without levels of their own."
            />
            <Field
              name="levels"
              label="Levels"
              state={state}
              placeholder="80 95 100"
              hint="Percent of the threshold, separated by spaces. Empty: return to the default."
            />
            <p class="buttons">
              <Submit tone="primary">Set the levels</Submit>
            </p>
          </PostForm>
        </Panel>
      ) : null}
    </>,
  );
}

function levelsText(levels: readonly number[]): string {
  return levels.length === 0 ? 'none' : levels.map((level) => `${level} %`).join(', ');
}

/** Text that is not a number stays text, so that the API refuses it. */
function parsedLevels(text: string) {
  const words = text.split(/[\s,%]+/).filter((word) => word !== '');
  if (words.length === 0) return null;
  return words.map((word) => (/^\d+$/.test(word) ? Number(word) : word));
}
