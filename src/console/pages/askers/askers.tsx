/** Who asks: answers, posts and withheld answers by class, agent and client in a time range. */

import type { Child } from 'hono/jsx';
import type { AskersJson } from '../../../admin/routes/askers/askers.ts';
import { api, hrefOf } from '../../api.ts';
import type { ConsolePage, PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Figure, Figures, Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField, utcOf } from '../../parts/filter.tsx';
import { Empty } from '../../parts/notice.tsx';
import { AskerTabs, ClassName, codeText, VerdictBadge } from '../../parts/rights/askers.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, Moment, None, percent } from '../../parts/value.tsx';

type ClassRow = AskersJson['classes'][number];
type AgentRow = AskersJson['agents'][number];
type ClientRow = AskersJson['clients'][number];
type Sums = Pick<ClassRow, 'answers' | 'posts' | 'withheld'>;

const FIELDS: readonly FilterField[] = [
  { name: 'from', label: 'From (UTC)', type: 'datetime-local' },
  { name: 'to', label: 'To (UTC)', type: 'datetime-local' },
];

export const askersPage: ConsolePage = {
  path: '/askers',
  nav: { label: 'Askers', group: 'Access' },
  async get(c) {
    const { from, to } = c.req.query();
    const path = hrefOf('/v1/askers', { from: utcOf(from), to: utcOf(to) });
    const found = await api(c).get<AskersJson>(path);
    if (!found.ok) return problemPage(c, found.problem);
    return page(
      c,
      { title: 'Askers' },
      <>
        <AskerTabs c={c} />
        <p>
          Each request belongs to a class of askers, which decides what it may have. These are the whole hours
          from <Moment at={found.value.from} /> to <Moment at={found.value.to} /> UTC.
        </p>
        <Filter c={c} fields={FIELDS} />
        {found.value.classes.length === 0 ? (
          <Empty title="Nothing was asked in this time">
            <p>Requests are counted while the gateway answers them.</p>
          </Empty>
        ) : (
          <Lists c={c} askers={found.value} path={path} />
        )}
      </>,
    );
  },
};

function Lists({ c, askers, path }: { c: PageContext; askers: AskersJson; path: string }) {
  const { classes, agents, clients } = askers;
  const total = totalOf(classes);
  const forged = totalOf(classes.filter((one) => one.class === 'forged'));
  return (
    <>
      <Figures label="All classes">
        <Figure label="Answers">
          <Count value={total.answers} />
        </Figure>
        <Figure label="Posts">
          <Count value={total.posts} />
        </Figure>
        <Figure label="Withheld" note={<>{percent(total.withheld / total.answers)} of the answers</>}>
          <Count value={total.withheld} />
        </Figure>
        <Figure label="Forged claims" note="Answers to agents that are not who they say">
          <Count value={forged.answers} />
        </Figure>
      </Figures>
      <Panel title="Classes">
        <DataTable
          c={c}
          caption="By class, the one with the most answers first"
          columns={[
            { head: 'Class', cell: (row) => <ClassName class={row.class} /> },
            {
              head: 'Share',
              isFigure: true,
              cell: ({ answers }) => percent(answers / total.answers),
            },
            ...figures<ClassRow>((at) => `${path}#/classes/${at}`),
          ]}
          rows={classes}
          keyOf={(row) => `class-${row.class}`}
        />
      </Panel>
      <List title="Agents" rows={agents} empty="No request claimed or proved an agent">
        <DataTable
          c={c}
          caption="By agent and what checking it found; at most 200"
          columns={[...AGENT_COLUMNS, ...figures<AgentRow>((at) => `${path}#/agents/${at}`)]}
          rows={agents}
        />
      </List>
      <List title="Clients" rows={clients} empty="No client asked">
        <DataTable
          c={c}
          caption="By client; at most 200. People and unknown callers without an agent are not recorded"
          columns={[...CLIENT_COLUMNS, ...figures<ClientRow>((at) => `${path}#/clients/${at}`)]}
          rows={clients}
        />
      </List>
    </>
  );
}

function List(props: { title: string; empty: string; rows: readonly unknown[]; children: Child }) {
  const { title, empty, rows, children } = props;
  return <Panel title={title}>{rows.length === 0 ? <Empty title={empty} /> : children}</Panel>;
}

const AGENT_COLUMNS: ReadonlyArray<Column<AgentRow>> = [
  { head: 'Agent', cell: ({ agent }) => <bdi>{agent}</bdi> },
  { head: 'Verdict', cell: ({ verdict }) => <VerdictBadge verdict={verdict} /> },
  { head: 'Evidence', cell: ({ evidence }) => codeText(evidence) },
  { head: 'Class', cell: (row) => <ClassName class={row.class} alsoAs={row.alsoAs} /> },
];

const CLIENT_COLUMNS: ReadonlyArray<Column<ClientRow>> = [
  {
    head: 'Client',
    cell: ({ clientId }) => <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>,
  },
  { head: 'Class', cell: (row) => <ClassName class={row.class} /> },
  { head: 'Agent', cell: ({ agent }) => (agent === null ? <None /> : <bdi>{agent}</bdi>) },
];

/** Answers, posts and withheld answers of a row. @param apiOf the row's place in the API. */
function figures<Row extends Sums>(apiOf: (at: number) => string): ReadonlyArray<Column<Row>> {
  return (['answers', 'posts', 'withheld'] as const).map((name) => ({
    head: { answers: 'Answers', posts: 'Posts', withheld: 'Withheld' }[name],
    isFigure: true,
    cell: (row, at) => <Count value={row[name]} api={`${apiOf(at)}/${name}`} />,
  }));
}

function totalOf(rows: readonly Sums[]): Sums {
  const sum = (name: keyof Sums) => rows.reduce((total, row) => total + row[name], 0);
  return { answers: sum('answers'), posts: sum('posts'), withheld: sum('withheld') };
}
