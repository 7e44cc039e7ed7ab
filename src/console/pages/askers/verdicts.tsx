/** The addresses that claimed one agent, and what reverse DNS found. */

import type { z } from 'zod';
import type { AgentVerdictSchema } from '../../../admin/routes/agents/agent-schemas.ts';
import { api, hrefOf, type PageOf } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Moment, None } from '../../parts/value.tsx';

type Verdict = z.output<typeof AgentVerdictSchema>;

export const agentVerdictsPage: ConsolePage = {
  path: '/askers/agents/:token',
  async get(c) {
    const token = c.req.param('token') ?? '';
    const path = `/v1/agents/${encodeURIComponent(token)}/verdicts`;
    const { cursor } = c.req.query();
    const found = await api(c).get<PageOf<Verdict>>(path, { limit: 50, cursor });
    if (!found.ok) return problemPage(c, found.problem);
    const { items, next } = found.value;
    return page(
      c,
      { title: `Addresses as ${token}` },
      <>
        <p>
          <a href="/askers/agents">All agents</a>
        </p>
        {items.length === 0 ? (
          <Empty title="No address was checked by reverse DNS">
            <p>Addresses in a published list need no check.</p>
          </Empty>
        ) : (
          <DataTable
            c={c}
            caption="Checked last first (times are UTC)"
            columns={COLUMNS}
            rows={items}
            keyOf={({ address }) => address}
            api={hrefOf(path, { limit: 50, cursor })}
          />
        )}
        <Pager c={c} next={next} />
      </>,
    );
  },
};

const COLUMNS: ReadonlyArray<Column<Verdict>> = [
  { head: 'Address', field: 'address', cell: ({ address }) => address },
  {
    head: 'Result',
    cell: ({ result }) => <Badge tone={result === 'verified' ? 'good' : 'bad'}>{result}</Badge>,
  },
  {
    head: 'Names',
    cell: ({ names }) => (names.length === 0 ? <None /> : <bdi>{names.join(', ')}</bdi>),
  },
  { head: 'Checked', field: 'checkedAt', cell: ({ checkedAt }) => <Moment at={checkedAt} /> },
  { head: 'Valid until', field: 'until', cell: ({ until }) => <Moment at={until} /> },
];
