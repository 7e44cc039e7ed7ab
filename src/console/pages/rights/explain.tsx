/** Why a post is withheld or not: the states that hold for it, who stated them, and what each class of askers gets. */

import type { z } from 'zod';
import type { ExplanationSchema } from '../../../admin/routes/rights/explain.ts';
import { type Answer, api, hrefOf } from '../../api.ts';
import { type ConsolePage, mayAct, type PageContext } from '../../context.ts';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField, utcOf } from '../../parts/filter.tsx';
import { Empty, ProblemNotice, type Tone } from '../../parts/notice.tsx';
import { ClassName, codeText, StateList } from '../../parts/rights/askers.tsx';
import { RightsTabs, settingColumns } from '../../parts/rights/registry.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Moment, None } from '../../parts/value.tsx';

type Explanation = z.output<typeof ExplanationSchema>;
type Outcome = NonNullable<Explanation['policy']>['classes'][number];

const FIELDS: readonly FilterField[] = [
  { name: 'post', label: 'Post', type: 'search' },
  { name: 'author', label: 'Author', type: 'search' },
  { name: 'blog', label: 'Blog', type: 'search' },
  { name: 'path', label: 'Path', type: 'search' },
  { name: 'scope', label: 'Scope', type: 'search' },
  { name: 'at', label: 'As known at (UTC)', type: 'datetime-local' },
];

export const rightsExplainPage: ConsolePage = {
  path: '/rights/explain',
  async get(c) {
    const { post, author, blog, path, scope, at } = c.req.query();
    const isAsked = [post, author, blog, path].some((name) => (name ?? '') !== '');
    const href = hrefOf('/v1/rights/explain', { post, author, blog, path, scope, at: utcOf(at) });
    const found = isAsked ? await api(c).get<Explanation>(href) : null;
    return page(
      c,
      { title: 'Explain a post', status: found === null || found.ok ? 200 : found.problem.status },
      <>
        <RightsTabs c={c} mayWrite={mayAct(c, 'rights')} />
        <p>
          Name what the platform says about a post: its id, its author, its blog, its path. Hard states hold
          if one of them has them. Of the others, the most specific subject decides.
        </p>
        <Filter c={c} fields={FIELDS} />
        <Result c={c} found={found} />
      </>,
    );
  },
};

function Result({ c, found }: { c: PageContext; found: Answer<Explanation> | null }) {
  if (found === null) return <Empty title="Name a post, an author, a blog or a path" />;
  if (!found.ok) return <ProblemNotice problem={found.problem} />;
  const { at, states, subjects, policy } = found.value;
  return (
    <>
      <Facts
        facts={[
          ['As known at (UTC)', <Moment at={at} seconds />],
          ['States that hold', <StateList states={states} />],
          ['Policy', policy === null ? <None>none is in force</None> : <PolicyLink policy={policy} />],
        ]}
      />
      {policy === null ? null : (
        <Panel title="What each class gets">
          <DataTable
            c={c}
            caption="Under the policy in force"
            columns={OUTCOME_COLUMNS}
            rows={policy.classes}
            keyOf={(row) => row.class}
          />
        </Panel>
      )}
      {subjects.map(({ kind, name, on, off, decidedBy }) => (
        <Panel title={`${kind} ${name}`}>
          <Facts
            facts={[
              ['On', <StateList states={on} />],
              ['Allowed', <StateList states={off} />],
            ]}
          />
          {decidedBy.length === 0 ? (
            <Empty title="No source has stated anything about it" />
          ) : (
            <DataTable
              c={c}
              caption="The settings that decide (times are UTC)"
              columns={settingColumns(false)}
              rows={decidedBy}
            />
          )}
        </Panel>
      ))}
    </>
  );
}

function PolicyLink({ policy }: { policy: NonNullable<Explanation['policy']> }) {
  return <a href={`/policy/versions/${policy.version}`}>version {policy.version}</a>;
}

const OUTCOME_COLUMNS: ReadonlyArray<Column<Outcome>> = [
  { head: 'Class', cell: (row) => <ClassName class={row.class} /> },
  {
    head: 'Outcome',
    cell: ({ outcome }) => <Badge tone={OUTCOME_TONES[outcome]}>{OUTCOME_TEXTS[outcome]}</Badge>,
  },
  { head: 'Mode', cell: ({ mode }) => mode },
  { head: 'Because of', cell: ({ states }) => <StateList states={states} /> },
  { head: 'Sent instead', cell: ({ answer }) => (answer === null ? <None /> : codeText(answer)) },
];

const OUTCOME_TONES: Readonly<Record<Outcome['outcome'], Tone>> = {
  ...{ passes: 'good', would_withhold: 'warn', withheld: 'bad' },
};
const OUTCOME_TEXTS: Readonly<Record<Outcome['outcome'], string>> = {
  ...{ passes: 'passes', would_withhold: 'passes, recorded', withheld: 'withheld' },
};
