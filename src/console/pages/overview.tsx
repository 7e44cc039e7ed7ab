/** The overview: who is near or over the line now, whether anything is uncounted, and whether metering is sound. */

import type { z } from '@hono/zod-openapi';
import { isWall } from '../../admin/auth.ts';
import type { InboxJson } from '../../admin/routes/inbox/inbox.ts';
import type { OverviewSchema } from '../../admin/routes/overview.ts';
import { counted, nounOf } from '../../report/counted.ts';
import { api } from '../api.ts';
import type { ConsolePage, PageContext } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { Badge } from '../parts/badge.tsx';
import { Amounts, ClientCell, ComesTo, OverAt } from '../parts/client-cells.tsx';
import { Figure, Figures, Panel } from '../parts/figure.tsx';
import { InboxCounts } from '../parts/inbox.tsx';
import { Empty } from '../parts/notice.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { Count, grouped, Moment, Share } from '../parts/value.tsx';

type OverviewJson = z.infer<typeof OverviewSchema>;
type NearClient = OverviewJson['near'][number];

const PATH = '/v1/overview';
const LIVE = ['usage', 'invoices', 'breaches', 'holds'];

export const overviewPage: ConsolePage = {
  path: '/overview',
  nav: { label: 'Overview', group: 'Metering' },
  async get(c) {
    const found = await api(c).get<OverviewJson>(PATH);
    if (!found.ok) return problemPage(c, found.problem);
    const { value } = found;
    if (isWall(c)) return wall(c, value);
    const waiting = await api(c).get<InboxJson>('/v1/inbox');
    return page(
      c,
      {
        title: 'Overview',
        live: LIVE,
        aside: (
          <>
            <AsOf overview={value} />
            <a href="/overview?wall">For a wall display</a>
          </>
        ),
      },
      <>
        <OverviewFigures overview={value} />
        {waiting.ok && waiting.value.counts.length > 0 ? (
          <Panel title="Waiting for you">
            <InboxCounts counts={waiting.value.counts} />
          </Panel>
        ) : null}
        <Near c={c} near={value.near} />
        <TogetherOver groups={value.groups} />
        <Sound health={value.health} />
      </>,
    );
  },
};

/** The figures alone, for a screen that people see from afar. It renews itself like every page. */
function wall(c: PageContext, overview: OverviewJson) {
  return page(
    c,
    { title: 'Overview', live: LIVE, isWall: true, aside: <AsOf overview={overview} /> },
    <>
      <OverviewFigures overview={overview} />
      <Sound health={overview.health} />
    </>,
  );
}

function AsOf({ overview }: { overview: OverviewJson }) {
  return (
    <span class="hint">
      as of <Moment at={overview.asOf} seconds api={`${PATH}#/asOf`} /> UTC
    </span>
  );
}

function OverviewFigures({ overview }: { overview: OverviewJson }) {
  const { rates, counts, drafts, uncounted } = overview;
  const invoices = drafts.reduce((sum, draft) => sum + draft.invoices, 0);
  return (
    <Figures label="Now">
      <Figure
        label="Posts per second"
        note={
          <Sparkline values={rates.series.map(({ posts }) => posts)} about="Posts by minute, last hour" />
        }
      >
        <Count value={rates.postsPerSecond} api={`${PATH}#/rates/postsPerSecond`} />
      </Figure>
      <Figure
        label="Requests per second"
        note={
          <Sparkline
            values={rates.series.map(({ requests }) => requests)}
            about="Requests by minute, last hour"
          />
        }
      >
        <Count value={rates.requestsPerSecond} api={`${PATH}#/rates/requestsPerSecond`} />
      </Figure>
      <Figure
        label="Over the threshold"
        href="/clients?kind=all&state=over"
        note={
          <a href="/clients?kind=all&state=near">
            <Count value={counts.near} api={`${PATH}#/counts/near`} /> more from 80 %
          </a>
        }
      >
        <Count value={counts.over} unit={nounOf(counts.over, 'client')} api={`${PATH}#/counts/over`} />
      </Figure>
      <Figure label="Open drafts" href="/invoices" note={counted(invoices, 'invoice')}>
        <Amounts amounts={drafts} api={`${PATH}#/drafts`} />
      </Figure>
      <Figure label="Uncounted in 24 hours" href="/routes" note={shareOf(uncounted)}>
        <Count
          value={uncounted.responses}
          unit={nounOf(uncounted.responses, 'response')}
          api={`${PATH}#/uncounted/responses`}
        />
      </Figure>
    </Figures>
  );
}

function shareOf({ share, of }: OverviewJson['uncounted']): string {
  if (share === null) return 'no responses yet';
  const text = share > 0 && share < 0.0001 ? 'under 0.01' : (share * 100).toFixed(2);
  return `${text} % of ${grouped(String(of))}`;
}

const nearApi = (at: number, field: string) => `${PATH}#/near/${at}/now/${field}`;

const NEAR_COLUMNS: ReadonlyArray<Column<NearClient>> = [
  { head: 'Client', cell: (client) => <ClientCell client={client} /> },
  {
    head: 'Total',
    isFigure: true,
    cell: ({ now }, at) => <Count value={now.total} api={nearApi(at, 'total')} />,
  },
  {
    head: 'Of threshold',
    cell: ({ now }, at) => <Share value={now.share} api={nearApi(at, 'share')} />,
  },
  {
    head: 'Pace',
    isFigure: true,
    cell: ({ now }, at) => <Count value={now.pace} unit="/h" api={nearApi(at, 'pace')} />,
  },
  { head: 'Over at (UTC)', cell: ({ now }) => <OverAt now={now} /> },
  { head: 'Comes to', isFigure: true, cell: ({ now }) => <ComesTo now={now} /> },
];

function Near({ c, near }: { c: PageContext; near: OverviewJson['near'] }) {
  const links = (
    <>
      <a href="/v1/clients?sort=-share&format=csv">CSV</a>
      <a href="/clients?kind=all">All clients</a>
    </>
  );
  return (
    <Panel title="Near or over the threshold" aside={near.length === 0 ? undefined : links}>
      {near.length === 0 ? (
        <NothingServed />
      ) : (
        <>
          <DataTable
            c={c}
            caption="Clients by share of their threshold, in the window that ends now"
            columns={NEAR_COLUMNS}
            rows={near}
            keyOf={({ id }) => id}
          />
          {near
            .filter(({ now }) => now.share !== null && now.share > 1)
            .map(({ id }) => (
              <p class="hidden" data-announce>
                {id} is over its threshold.
              </p>
            ))}
        </>
      )}
    </Panel>
  );
}

function TogetherOver({ groups }: { groups: OverviewJson['groups'] }) {
  if (groups.length === 0) return null;
  return (
    <Panel
      title="Unknown callers that are over the threshold together"
      aside={<a href="/callers">Callers</a>}
    >
      <ul class="checks">
        {groups.map(({ key, callers, total, comesTo }, index) => (
          <li>
            <a href={`/callers?${new URLSearchParams({ group: key })}`}>{key}</a>:{' '}
            <Count value={callers} api={`${PATH}#/groups/${index}/callers`} />{' '}
            {nounOf(callers, 'address', 'addresses')},{' '}
            <Count value={total} api={`${PATH}#/groups/${index}/total`} /> posts, would come to{' '}
            <Amounts amounts={comesTo} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NothingServed() {
  return (
    <Empty title="No client has been served a post in its window">
      <p>To put Postmeter before a platform:</p>
      <pre>
        postmeter probe https://platform.example{'\n'}
        UPSTREAM=https://platform.example POSTMETER_CONFIG=postmeter.json postmeter serve{'\n'}
        curl http://127.0.0.1:8787/
      </pre>
    </Empty>
  );
}

function Sound({ health }: { health: OverviewJson['health'] }) {
  const { problems, clientsOnHold, isAllOnHold, crossCheck } = health;
  const hasHolds = isAllOnHold || clientsOnHold > 0;
  return (
    <Panel title="Is metering sound?">
      <ul class="checks">
        {problems.length === 0 ? (
          <li>
            <Badge tone="good">ok</Badge> Every check of this process passes.
          </li>
        ) : (
          problems.map(({ field, reason }) => (
            <li>
              <Badge tone="warn">{field}</Badge> {reason}
            </li>
          ))
        )}
        <li>
          <Badge tone={hasHolds ? 'warn' : 'good'}>{hasHolds ? 'on hold' : 'ok'}</Badge>{' '}
          {isAllOnHold ? (
            'Billing of all clients is on hold.'
          ) : (
            <>
              <a href="/clients?kind=all&state=on_hold">
                <Count value={clientsOnHold} api={`${PATH}#/health/clientsOnHold`} />{' '}
                {nounOf(clientsOnHold, 'client')}
              </a>{' '}
              on billing hold.
            </>
          )}
        </li>
        <li>
          <Badge tone={crossCheck.differs > 0 ? 'warn' : 'good'}>
            {crossCheck.differs > 0 ? 'differs' : 'ok'}
          </Badge>{' '}
          Second counts: <Count value={crossCheck.differs} api={`${PATH}#/health/crossCheck/differs`} /> of{' '}
          <Count value={crossCheck.responses} api={`${PATH}#/health/crossCheck/responses`} />{' '}
          {nounOf(crossCheck.responses, 'response')} differ.
        </li>
      </ul>
    </Panel>
  );
}
