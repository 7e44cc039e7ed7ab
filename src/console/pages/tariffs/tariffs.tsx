/** Thresholds and tariffs: the timeline of the default tariff, and the clients with terms of their own. */

import type { z } from 'zod';
import type { TariffOverviewSchema } from '../../../admin/routes/tariffs/tariff-overview.ts';
import type { VersionSchema } from '../../../admin/routes/tariffs/tariff-schemas.ts';
import { api } from '../../api.ts';
import { type ConsolePage, mayAct } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Filter } from '../../parts/filter.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { termsSentence } from '../../parts/terms.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { Count, Moment, None } from '../../parts/value.tsx';

type Overview = z.output<typeof TariffOverviewSchema>;
type OwnTerms = Overview['items'][number];
type Version = z.output<typeof VersionSchema>;

const DONE = {
  retired: 'The client follows the default tariff from the start of the new version.',
  added: 'The version is stored. Billing follows it within its interval.',
  withdrawn: 'The version is withdrawn and never applies.',
};
const TERMS = [
  'kind',
  'threshold',
  'price',
  'block',
  'basis',
  'rounding',
  'currency',
  'windowSeconds',
  'count',
];
const OPTIONS = [['', 'any or nothing'] as const, ...TERMS.map((term) => [term, term] as const)];

export const tariffsPage: ConsolePage = {
  path: '/tariffs',
  nav: { label: 'Tariffs', group: 'Metering' },
  async get(c) {
    const { cursor, differs } = c.req.query();
    const found = await api(c).get<Overview>('/v1/tariffs/overview', { limit: 50, cursor, differs });
    if (!found.ok) return problemPage(c, found.problem);
    const { items, next, total, default: general, asOf } = found.value;
    const isOperator = mayAct(c, 'operator');
    return page(
      c,
      {
        title: 'Tariffs',
        live: ['audit'],
        done: DONE,
        aside: isOperator ? <a href="/tariffs/new">New version</a> : null,
      },
      <>
        <Panel title="Default tariff">
          <DefaultTimeline {...general} asOf={asOf} isOperator={isOperator} />
        </Panel>
        <Panel title="Own terms">
          <Filter
            c={c}
            fields={[{ name: 'differs', label: 'Differs from the default by', options: OPTIONS }]}
          />
          {items.length === 0 ? (
            <Empty title="No client has such terms of its own" />
          ) : (
            <DataTable
              c={c}
              caption="Clients with terms of their own (times are UTC)"
              columns={isOperator ? [...COLUMNS, CHANGE] : COLUMNS}
              rows={items}
              keyOf={({ clientId }) => clientId}
              api="/v1/tariffs/overview?limit=50"
            />
          )}
          <Pager
            c={c}
            next={next}
            total={<Count value={total} unit="with own terms" api="/v1/tariffs/overview?limit=50#/total" />}
          />
        </Panel>
      </>,
    );
  },
};

function DefaultTimeline(props: Overview['default'] & { asOf: string; isOperator: boolean }) {
  const { versions, current, asOf, isOperator } = props;
  return (
    <Timeline
      entries={versions.toReversed().map((version) => ({
        at: version.validFrom,
        title: <VersionTitle version={version} isInForce={version.id === current?.id} asOf={asOf} />,
        by: version.createdBy,
        detail: (
          <>
            <p>{termsSentence(version.terms)}</p>
            <p class="hint">
              <bdi>{version.reason}</bdi>
            </p>
            {version.validFrom > asOf && isOperator ? (
              <p>
                <a href={`/tariffs/withdraw?version=${version.id}`}>Withdraw version {version.version}</a>
              </p>
            ) : null}
          </>
        ),
      }))}
    />
  );
}

function VersionTitle(props: { version: Version; isInForce: boolean; asOf: string }) {
  const { version, isInForce, asOf } = props;
  return (
    <>
      Version {version.version} {isInForce ? <Badge tone="good">in force</Badge> : null}
      {version.validFrom > asOf ? <Badge tone="info">scheduled</Badge> : null}
    </>
  );
}

const COLUMNS: ReadonlyArray<Column<OwnTerms>> = [
  {
    head: 'Client',
    cell: ({ clientId, name }) => (
      <>
        <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>{' '}
        {name === clientId ? null : (
          <small>
            <bdi>{name}</bdi>
          </small>
        )}
      </>
    ),
  },
  {
    head: 'Terms in force',
    cell: ({ current }) => (current === null ? <None /> : termsSentence(current.terms)),
  },
  { head: 'Differs by', cell: ({ differs }) => (differs.length === 0 ? <None /> : differs.join(', ')) },
  { head: 'Since', cell: ({ current }) => <Moment at={current?.validFrom ?? null} /> },
  { head: 'Reason', cell: ({ current }) => (current === null ? <None /> : <bdi>{current.reason}</bdi>) },
  {
    head: 'Scheduled',
    cell: ({ scheduled: [first] }) =>
      first === undefined ? (
        <None />
      ) : (
        <>
          <Moment at={first.validFrom} />: {termsSentence(first.terms)}
        </>
      ),
  },
];

const CHANGE: Column<OwnTerms> = {
  head: 'Change',
  cell: ({ clientId, current, scheduled: [first] }) => {
    const client = encodeURIComponent(clientId);
    return (
      <>
        <a href={`/tariffs/new?client=${client}`} aria-label={`New version for ${clientId}`}>
          New version
        </a>{' '}
        {(current?.terms ?? null) === null ? null : (
          <a href={`/tariffs/retire?client=${client}`} aria-label={`End the own terms of ${clientId}`}>
            End
          </a>
        )}{' '}
        {first === undefined ? null : (
          <a
            href={`/tariffs/withdraw?version=${first.id}&client=${client}`}
            aria-label={`Withdraw the scheduled version of ${clientId}`}
          >
            Withdraw
          </a>
        )}
      </>
    );
  },
};
