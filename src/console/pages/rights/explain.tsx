/** Why a post is withheld or not: the states that hold for it and who stated them. */

import type { z } from 'zod';
import type { ExplanationSchema } from '../../../admin/routes/rights/explain.ts';
import { type Answer, api, hrefOf } from '../../api.ts';
import { type ConsolePage, mayAct, type PageContext } from '../../context.ts';
import { page } from '../../layout.tsx';
import { StateList } from '../../parts/askers.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField, utcOf } from '../../parts/filter.tsx';
import { Empty, ProblemNotice } from '../../parts/notice.tsx';
import { RightsTabs, settingColumns } from '../../parts/rights.tsx';
import { DataTable } from '../../parts/table.tsx';
import { Moment } from '../../parts/value.tsx';

type Explanation = z.output<typeof ExplanationSchema>;

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
  const { at, states, subjects } = found.value;
  return (
    <>
      <Facts
        facts={[
          ['As known at (UTC)', <Moment at={at} seconds />],
          ['States that hold', <StateList states={states} />],
        ]}
      />
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
