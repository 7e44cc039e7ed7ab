/** The catalogue of agents: its lists and directories, and a form that explains the verdict on an address. */

import type { z } from 'zod';
import type {
  AgentCheckSchema,
  AgentListSchema,
  AgentsSchema,
} from '../../../admin/routes/agents/agent-schemas.ts';
import { counted } from '../../../report/counted.ts';
import { AGENT_CLASSES } from '../../../rights/asker.ts';
import { type Answer, api } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { Checkbox, Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, Notice, ProblemNotice } from '../../parts/notice.tsx';
import { AskerTabs, codeText, VerdictBadge } from '../../parts/rights/askers.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, Moment, None } from '../../parts/value.tsx';

type Agents = z.output<typeof AgentsSchema>;
type ListedAgent = Agents['items'][number];
type List = z.output<typeof AgentListSchema>;
type Directory = Agents['directories'][number];
type Check = z.output<typeof AgentCheckSchema>;

const PATH = '/askers/agents';
const MAX_AGENTS_SHOWN = 50;
const FIELDS: readonly FilterField[] = [
  { name: 'find', label: 'Agent or operator', type: 'search' },
  {
    name: 'class',
    label: 'Class',
    options: [['', 'any'], ...AGENT_CLASSES.map((own) => [own, codeText(own)] as const)],
  },
];
const DONE = { fetched: 'The lists that were due are fetched.' };

export const agentsPage: ConsolePage = {
  path: PATH,
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const acceptChanges = values.acceptChanges === 'yes';
    const answer = await api(c).post('/v1/agents/refresh', { acceptChanges });
    return answer.ok ? seeDone(c, PATH, 'fetched') : render(c, { values, problem: answer.problem });
  },
};

async function render(c: PageContext, state: FormState) {
  const { address = '', agent = '' } = c.req.query();
  const [found, check] = await Promise.all([
    api(c).get<Agents>('/v1/agents'),
    address === '' ? null : api(c).get<Check>('/v1/agents/check', { address, agent }),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  const { items, lists, directories, isOffline } = found.value;
  const isOperator = mayAct(c, 'operator');
  return page(
    c,
    { title: 'Agents', done: DONE, status: state.problem?.status ?? 200 },
    <>
      <AskerTabs c={c} />
      <p>
        A request that names an agent in its User-Agent is checked: by the operator&rsquo;s lists of
        addresses, by reverse DNS, or by a signature.
      </p>
      {isOffline ? (
        <Notice tone="warn" title="This process fetches nothing">
          <p>
            <code>agents.offline</code> is set: it knows the lists that came with Postmeter, and asks no DNS.
          </p>
        </Notice>
      ) : null}
      {isOperator ? <CheckPanel c={c} agents={items} check={check} /> : null}
      <ListsPanel c={c} lists={lists} state={state} mayFetch={isOperator && !isOffline} />
      <Panel title="Directories of signers">
        {directories.length === 0 ? (
          <Empty title="No signed request has been seen yet">
            <p>The keys of a signer are fetched when its first signed request arrives.</p>
          </Empty>
        ) : (
          <DataTable
            c={c}
            caption="Tried last first (times are UTC)"
            columns={DIRECTORIES}
            rows={directories}
          />
        )}
      </Panel>
      <CataloguePanel c={c} agents={items} />
    </>,
  );
}

/** The catalogue has hundreds of agents: the page shows the first that fit the filter. */
function CataloguePanel({ c, agents }: { c: PageContext; agents: readonly ListedAgent[] }) {
  const { find = '', class: own = '' } = c.req.query();
  const wanted = find.toLowerCase();
  const found = agents.filter(
    ({ token, operator, class: its }) =>
      (own === '' || own === its) && `${token} ${operator}`.toLowerCase().includes(wanted),
  );
  const shown = found.slice(0, MAX_AGENTS_SHOWN);
  return (
    <Panel title="Catalogue">
      <Filter c={c} fields={FIELDS} />
      {found.length === 0 ? (
        <Empty title="No agent of the catalogue is like this" />
      ) : (
        <DataTable
          c={c}
          caption={`${shown.length} of ${counted(found.length, 'agent')} that are recognised`}
          columns={CATALOGUE}
          rows={shown}
          keyOf={({ token }) => token}
        />
      )}
    </Panel>
  );
}

function CheckPanel(props: { c: PageContext; agents: readonly ListedAgent[]; check: Answer<Check> | null }) {
  const { c, agents, check } = props;
  const problem = check === null || check.ok ? undefined : check.problem;
  const state: FormState = { values: c.req.query(), problem };
  return (
    <Panel title="Explain an address" id="check">
      <form method="get" action={`${PATH}#check`} class="form inline">
        <Field name="address" label="Address" state={state} required placeholder="203.0.113.7" />
        <Field
          name="agent"
          label="Agent that it claims"
          state={state}
          required
          options={agents.filter(isCheckable).map(({ token }) => [token, token] as const)}
        />
        <Submit tone="primary">Check now</Submit>
      </form>
      {problem === undefined ? null : <ProblemNotice problem={problem} />}
      {check?.ok ? <Explanation c={c} check={check.value} /> : null}
    </Panel>
  );
}

function isCheckable({ ranges, rdns }: ListedAgent): boolean {
  return ranges.length > 0 || rdns.length > 0;
}

function Explanation({ c, check }: { c: PageContext; check: Check }) {
  const { address, agent, verdict, by, steps } = check;
  return (
    <>
      <p>
        {address} as {agent}: <VerdictBadge verdict={verdict} />
        {by === null ? null : ` by ${codeText(by)}`}
      </p>
      <DataTable c={c} caption="What was checked, in order" columns={STEPS} rows={steps} />
    </>
  );
}

const STEPS: ReadonlyArray<Column<Check['steps'][number]>> = [
  { head: 'Check', cell: ({ check }) => codeText(check) },
  { head: 'Source', cell: ({ source }) => (source === '' ? <None /> : source) },
  { head: 'Finding', cell: ({ finding }) => <span class="sentence">{finding}</span> },
];

function ListsPanel(props: { c: PageContext; lists: readonly List[]; state: FormState; mayFetch: boolean }) {
  const { c, lists, state, mayFetch } = props;
  return (
    <Panel title="Lists of addresses">
      {lists.length === 0 ? (
        <Empty title="No list is known" />
      ) : (
        <DataTable c={c} caption="Published by operators (times are UTC)" columns={LISTS} rows={lists} />
      )}
      {mayFetch ? (
        <PostForm state={state} api="POST /v1/agents/refresh" class="form">
          <Checkbox
            name="acceptChanges"
            label="Accept lists that shrank to less than half, or grew beyond ten times"
            state={state}
          />
          <p class="buttons">
            <Submit>Fetch the lists now</Submit>
          </p>
        </PostForm>
      ) : null}
    </Panel>
  );
}

const LISTS: ReadonlyArray<Column<List>> = [
  { head: 'List', cell: ({ url }) => <span class="sentence">{url}</span> },
  { head: 'State', cell: (list) => <ListBadge list={list} /> },
  { head: 'Prefixes', isFigure: true, cell: ({ prefixes }) => <Count value={prefixes} /> },
  { head: 'Current as of', cell: ({ fetchedAt }) => <Moment at={fetchedAt} /> },
  { head: 'Tried', cell: ({ triedAt }) => <Moment at={triedAt} /> },
  {
    head: 'Failure',
    cell: ({ failure }) => (failure === null ? <None /> : <span class="sentence">{failure}</span>),
  },
];

function ListBadge({ list: { fetchedAt, isFresh, isShipped, failure } }: { list: List }) {
  if (fetchedAt === null && failure === null) return <Badge tone="quiet">not fetched yet</Badge>;
  if (!isFresh) return <Badge tone="bad">too old</Badge>;
  if (failure !== null) return <Badge tone="warn">fails</Badge>;
  return isShipped ? <Badge tone="quiet">shipped</Badge> : <Badge tone="good">current</Badge>;
}

const DIRECTORIES: ReadonlyArray<Column<Directory>> = [
  { head: 'Directory', cell: ({ url }) => <span class="sentence">{url}</span> },
  { head: 'Fetched', cell: ({ fetchedAt }) => <Moment at={fetchedAt} /> },
  { head: 'Fresh until', cell: ({ freshUntil }) => <Moment at={freshUntil} /> },
  { head: 'Tried', cell: ({ triedAt }) => <Moment at={triedAt} /> },
  { head: 'Failures in a row', isFigure: true, cell: ({ failures }) => <Count value={failures} /> },
  {
    head: 'Failure',
    cell: ({ failure }) => (failure === null ? <None /> : <span class="sentence">{failure}</span>),
  },
];

const CATALOGUE: ReadonlyArray<Column<ListedAgent>> = [
  { head: 'Agent', cell: ({ token }) => token },
  { head: 'Operator', cell: ({ operator }) => (operator === '' ? <None /> : operator) },
  { head: 'Class', cell: (agent) => codeText(agent.class) },
  { head: 'Checked by', cell: (agent) => <Proofs agent={agent} /> },
];

function Proofs({ agent: { token, ranges, rdns, signatureAgents } }: { agent: ListedAgent }) {
  const proofs: Array<string | false> = [
    ranges.length > 0 && 'list of addresses',
    signatureAgents.length > 0 && 'signature',
  ];
  const words = proofs.filter((word) => word !== false).join(', ');
  if (rdns.length === 0) return words === '' ? <None>nothing is published</None> : <span>{words}</span>;
  return (
    <>
      {words === '' ? '' : `${words}, `}
      <a href={`${PATH}/${encodeURIComponent(token)}`}>reverse DNS</a>
    </>
  );
}
