/** Proposals: actions of money that wait for a second person, and those that were decided. */

import type { ProposalJson } from '../../../admin/routes/proposals/proposal-json.ts';
import { api, hrefOf, type PageOf } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { Empty } from '../../parts/notice.tsx';
import { PROPOSAL_WORDS, ProposalBadge, ProposalSubject } from '../../parts/proposal.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Moment } from '../../parts/value.tsx';

const FIELDS: readonly FilterField[] = [
  {
    name: 'open',
    label: 'Decision',
    options: [
      ['', 'any'],
      ['true', 'waits'],
      ['false', 'decided'],
    ],
  },
  { name: 'kind', label: 'Action', options: [['', 'any'], ...Object.entries(PROPOSAL_WORDS)] },
];

const COLUMNS: ReadonlyArray<Column<ProposalJson>> = [
  {
    head: 'Action',
    cell: ({ id, kind }) => <a href={`/proposals/${id}`}>{PROPOSAL_WORDS[kind]}</a>,
  },
  { head: 'On', cell: ({ subject }) => <ProposalSubject subject={subject} /> },
  { head: 'Reason', field: 'reason', cell: ({ reason }) => reason },
  { head: 'Proposed by', field: 'proposedBy', cell: ({ proposedBy }) => proposedBy },
  { head: 'Proposed', field: 'proposedAt', cell: ({ proposedAt }) => <Moment at={proposedAt} /> },
  { head: 'Decision', cell: ({ decision }) => <ProposalBadge decision={decision} /> },
];

export const proposalsPage: ConsolePage = {
  path: '/proposals',
  nav: { label: 'Proposals', group: 'Money' },
  async get(c) {
    const { open, kind, cursor } = c.req.query();
    const asked = hrefOf('/v1/proposals', { open, kind, cursor, limit: 50 });
    const found = await api(c).get<PageOf<ProposalJson>>(asked);
    if (!found.ok) return problemPage(c, found.problem);
    const { items, next } = found.value;
    return page(
      c,
      { title: 'Proposals', live: ['audit'] },
      <>
        <Filter c={c} fields={FIELDS} />
        {items.length === 0 ? (
          <Empty title="No proposals match">
            <p>
              Bank accounts, changes of sellers, write-offs and manual credit notes wait here for a second
              person. A person who is alone takes them at once.
            </p>
          </Empty>
        ) : (
          <DataTable
            c={c}
            caption="Proposals, newest first. Times are UTC."
            columns={COLUMNS}
            rows={items}
            keyOf={({ id }) => id}
            api={asked}
          />
        )}
        <Pager c={c} next={next} />
      </>,
    );
  },
};
