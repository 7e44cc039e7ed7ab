/** What happened to a claim: its disputes, its reminders, and proposals about it. */

import type { DisputeJson, DunningJson } from '../../../admin/routes/claims/claim-schemas.ts';
import type { ProposalJson } from '../../../admin/routes/proposals/proposal-json.ts';
import type { PageContext } from '../../context.ts';
import { Badge } from '../badge.tsx';
import { Empty } from '../notice.tsx';
import { PROPOSAL_WORDS, ProposalBadge } from '../proposal.tsx';
import { type Column, DataTable } from '../table.tsx';
import { Moment, Money, None } from '../value.tsx';

export const GROUND_WORDS: Readonly<Record<DisputeJson['ground'], string>> = {
  not_us: 'It was not us',
  counting: 'Counting',
  reading: 'Reading of the clause',
  threshold: 'Threshold',
  licence: 'Licence',
  terms_not_accepted: 'Terms not accepted',
  period: 'Period',
  duplicate: 'Duplicate',
  other: 'Other',
};

export const OUTCOME_WORDS: Readonly<Record<NonNullable<DisputeJson['outcome']>, string>> = {
  upheld: 'upheld: the client is right',
  partly_upheld: 'partly upheld',
  rejected: 'rejected',
  withdrawn: 'withdrawn by the client',
  settled: 'settled',
};

export function Disputes(props: { c: PageContext; items: readonly DisputeJson[]; currency: string }) {
  const { c, items, currency } = props;
  if (items.length === 0) return <Empty title="The claim is not disputed" />;
  const columns: ReadonlyArray<Column<DisputeJson>> = [
    { head: 'Opened', field: 'openedAt', cell: ({ openedAt }) => <Moment at={openedAt} /> },
    { head: 'Ground', cell: ({ ground }) => GROUND_WORDS[ground] },
    { head: 'The client says', field: 'text', cell: ({ text }) => text },
    {
      head: 'Disputed',
      isFigure: true,
      cell: ({ disputed }) => <Money amount={disputed} currency={currency} />,
    },
    { head: 'Answer', cell: ({ answer }) => answer ?? <None>not answered</None> },
    {
      head: 'Outcome',
      cell: ({ outcome, outcomeText }) =>
        outcome === null ? (
          <Badge tone="warn">open</Badge>
        ) : (
          <>
            {OUTCOME_WORDS[outcome]} <small>{outcomeText}</small>
          </>
        ),
    },
  ];
  return (
    <DataTable
      c={c}
      caption="Disputes, oldest first (UTC)"
      columns={columns}
      rows={items}
      keyOf={({ id }) => id}
    />
  );
}

const DUNNING_COLUMNS: ReadonlyArray<Column<DunningJson>> = [
  { head: 'Level', field: 'level', cell: ({ level }) => level },
  { head: 'Reminded', field: 'at', cell: ({ at }) => <Moment at={at} /> },
  { head: 'By', field: 'by', cell: ({ by }) => by },
];

export function Dunnings({ c, items }: { c: PageContext; items: readonly DunningJson[] }) {
  if (items.length === 0) return <Empty title="No reminder yet" />;
  return (
    <DataTable
      c={c}
      caption="Reminders (UTC)"
      columns={DUNNING_COLUMNS}
      rows={items}
      keyOf={({ id }) => id}
    />
  );
}

const PROPOSAL_COLUMNS: ReadonlyArray<Column<ProposalJson>> = [
  { head: 'Action', cell: ({ id, kind }) => <a href={`/proposals/${id}`}>{PROPOSAL_WORDS[kind]}</a> },
  { head: 'Reason', cell: ({ reason }) => reason },
  { head: 'Proposed', cell: ({ proposedAt }) => <Moment at={proposedAt} /> },
  { head: 'Decision', cell: ({ decision }) => <ProposalBadge decision={decision} /> },
];

export function ClaimProposals({ c, items }: { c: PageContext; items: readonly ProposalJson[] }) {
  if (items.length === 0) return <Empty title="No proposal" />;
  return (
    <DataTable
      c={c}
      caption="Proposals, newest first (UTC)"
      columns={PROPOSAL_COLUMNS}
      rows={items}
      keyOf={({ id }) => id}
    />
  );
}
