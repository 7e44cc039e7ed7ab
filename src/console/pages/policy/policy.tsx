/** The policy in force, its versions, and a check of what the platform publishes itself. */

import type { z } from 'zod';
import type { TermsCheckSchema } from '../../../admin/routes/policies/policy-schemas.ts';
import { type Answer, api, type PageOf } from '../../api.ts';
import { type ConsolePage, mayAct, type PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/figure.tsx';
import { FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, Notice, ProblemNotice } from '../../parts/notice.tsx';
import { MatrixTable, PolicyFacts, type PolicyVersionJson } from '../../parts/rights/policy.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { Moment, None } from '../../parts/value.tsx';

type Check = z.output<typeof TermsCheckSchema>;
type Finding = Check['findings'][number];

const DONE = { added: 'The version is stored. It applies in every process within a second of its start.' };

export const policyPage: ConsolePage = {
  path: '/policy',
  nav: { label: 'Policy', group: 'Access' },
  get: (c) => render(c, null),
  post: async (c) => render(c, await api(c).post<Check>('/v1/policies/check', {})),
};

async function render(c: PageContext, check: Answer<Check> | null) {
  const query = { limit: 25, cursor: c.req.query('cursor') };
  const found = await api(c).get<PageOf<PolicyVersionJson>>('/v1/policies', query);
  if (!found.ok) return problemPage(c, found.problem);
  const { items, next } = found.value;
  const current = items.find(({ isInForce }) => isInForce);
  const mayWrite = mayAct(c, 'rights');
  return page(
    c,
    {
      title: 'Policy',
      // A renewed page would lose the findings.
      ...(check === null ? { live: ['audit'] } : {}),
      done: DONE,
      aside: mayWrite ? <a href="/policy/new">New version</a> : null,
      status: check === null || check.ok ? 200 : check.problem.status,
    },
    <>
      <p>
        One document says what may leave: robots.txt, headers, licences and the answers to askers follow from
        it.
      </p>
      {current !== undefined ? (
        <Current version={current} />
      ) : items.length === 0 ? (
        <Empty title="No policy was published yet">
          <p>Nothing is withheld, and robots.txt is the platform&rsquo;s own.</p>
          {mayWrite ? (
            <p>
              <a href="/policy/new">Write the first version</a>. In the mode <code>shadow</code>, decisions
              are recorded and nothing is withheld.
            </p>
          ) : null}
        </Empty>
      ) : null}
      {mayWrite && current !== undefined ? <CheckPanel c={c} check={check} /> : null}
      {items.length === 0 ? null : (
        <Panel title="Versions">
          <Timeline entries={items.map(entryOf)} />
          <Pager c={c} next={next} />
        </Panel>
      )}
    </>,
  );
}

function Current({ version: { version, policy } }: { version: PolicyVersionJson }) {
  return (
    <Panel
      title={`Version ${version} is in force`}
      aside={<a href={`/policy/versions/${version}`}>What it publishes</a>}
    >
      <PolicyFacts policy={policy} />
      <MatrixTable matrix={policy.matrix} />
    </Panel>
  );
}

function entryOf({ version, validFrom, createdAt, createdBy, isInForce, reason }: PolicyVersionJson) {
  return {
    at: validFrom,
    by: createdBy,
    title: (
      <>
        <a href={`/policy/versions/${version}`}>Version {version}</a>{' '}
        {isInForce ? <Badge tone="good">in force</Badge> : null}
      </>
    ),
    detail: (
      <p class="hint">
        <bdi>{reason}</bdi>. Stored <Moment at={createdAt} /> UTC.
      </p>
    ),
  };
}

function CheckPanel({ c, check }: { c: PageContext; check: Answer<Check> | null }) {
  return (
    <Panel title="What the platform publishes itself">
      {check === null ? (
        <p>
          The check fetches the platform&rsquo;s robots.txt and up to 20 of its pages, and compares them with
          the policy.
        </p>
      ) : (
        <Findings c={c} check={check} />
      )}
      <PostForm state={FRESH} api="POST /v1/policies/check" class="form inline">
        <Submit>{check === null ? 'Check now' : 'Check again'}</Submit>
      </PostForm>
    </Panel>
  );
}

function Findings({ c, check }: { c: PageContext; check: Answer<Check> }) {
  if (!check.ok) return <ProblemNotice problem={check.problem} />;
  const { findings } = check.value;
  if (findings.length === 0) {
    return (
      <Notice tone="good" title="Nothing contradicts the policy" hasFocus>
        <p>robots.txt and the headers of the pages were compared with it.</p>
      </Notice>
    );
  }
  return <DataTable c={c} caption="Findings" columns={FINDINGS} rows={findings} />;
}

const FINDINGS: ReadonlyArray<Column<Finding>> = [
  {
    head: 'Level',
    cell: ({ level }) => <Badge tone={level === 'error' ? 'bad' : 'info'}>{level}</Badge>,
  },
  { head: 'Path', cell: ({ path }) => (path === null ? <None>whole site</None> : <code>{path}</code>) },
  { head: 'Agent', cell: ({ agent }) => (agent === null ? <None>every agent</None> : agent) },
  { head: 'Finding', cell: ({ detail }) => <span class="sentence">{detail}</span> },
  { head: 'What to do', cell: ({ hint }) => <span class="sentence">{hint}</span> },
];
