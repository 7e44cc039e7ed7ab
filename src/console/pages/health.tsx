/** Health: can the figures be trusted? Checks, warnings, billing holds with their release, gaps, uncounted responses. */

import type { BillingHoldJson, GapJson } from '../../admin/routes/billing-holds.ts';
import type { ReadinessJson } from '../../admin/routes/health.ts';
import type { UncountedJson } from '../../admin/routes/usage/uncounted.ts';
import type { JournalJson, LedgerVerificationJson } from '../../admin/routes/verification.ts';
import { type Answer, api, type PageOf } from '../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../context.ts';
import { page } from '../layout.tsx';
import { Badge } from '../parts/badge.tsx';
import { Figure, Figures, Panel } from '../parts/figure.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../parts/form.tsx';
import { Empty, Notice, ProblemNotice } from '../parts/notice.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { Count, Moment } from '../parts/value.tsx';
import { Journals, VerificationPanel } from '../parts/verification.tsx';
import { RELOAD_SECONDS } from '../parts/what-if/state.ts';

const SHOWN = 50;

export const healthPage: ConsolePage = {
  path: '/health',
  nav: { label: 'Health', group: 'System' },
  get: (c) => healthView(c, FRESH),
  async post(c) {
    const values = await formOf(c);
    if (values.action === 'verify') {
      const started = await api(c).post('/v1/verification');
      if (!started.ok) return healthView(c, { values: {}, problem: started.problem });
      return seeDone(c, '/health', 'verifies');
    }
    const { id, reason } = values;
    const released = await api(c).post(`/v1/billing-holds/${id}/release`, { reason });
    if (!released.ok) return healthView(c, { values, problem: released.problem });
    return seeDone(c, '/health', 'released');
  },
};

async function healthView(c: PageContext, state: FormState): Promise<Response> {
  const { get } = api(c);
  const [ready, holds, gaps, uncounted, journals, verification] = await Promise.all([
    get<ReadinessJson>('/readyz'),
    get<PageOf<BillingHoldJson>>('/v1/billing-holds', { limit: SHOWN }),
    get<PageOf<GapJson>>('/v1/gaps', { limit: SHOWN }),
    get<UncountedJson>('/v1/uncounted'),
    get<PageOf<JournalJson>>('/v1/journals', { limit: SHOWN }),
    get<LedgerVerificationJson>('/v1/verification'),
  ]);
  if (verification.ok && verification.value.state === 'running') c.header('refresh', RELOAD_SECONDS);
  return page(
    c,
    {
      title: 'Health',
      live: ['holds', 'usage'],
      done: {
        released: 'The hold is released. The next billing run computes what changed in the meantime.',
        verifies: 'The ledger is being verified. This page loads itself again until the result is there.',
      },
      ...(state.problem === undefined ? {} : { status: state.problem.status }),
    },
    <>
      {state.problem === undefined ? null : <ProblemNotice problem={state.problem} />}
      <Readiness ready={ready} />
      {uncounted.ok ? <Summary holds={holds} uncounted={uncounted.value} /> : null}
      <Panel title="Processes">
        <Loaded answer={journals} of={({ items }) => <Journals c={c} journals={items} />} />
      </Panel>
      <VerificationPanel c={c} answer={verification} />
      <Panel title="Billing holds">
        <Loaded answer={holds} of={({ items }) => <Holds c={c} holds={items} state={state} />} />
      </Panel>
      <Panel title="Uncounted responses">
        <Loaded answer={uncounted} of={(value) => <Uncounted c={c} uncounted={value} />} />
      </Panel>
      <Panel title="Gaps">
        <Loaded answer={gaps} of={({ items }) => <Gaps c={c} gaps={items} />} />
      </Panel>
    </>,
  );
}

/** A panel whose data could not be read says so, and the rest of the page is shown. */
function Loaded<T>({ answer, of }: { answer: Answer<T>; of: (value: T) => unknown }) {
  return answer.ok ? <>{of(answer.value)}</> : <ProblemNotice problem={answer.problem} hasFocus={false} />;
}

function Readiness({ ready }: { ready: Answer<ReadinessJson> }) {
  const failing = ready.ok ? [] : (ready.problem.errors ?? []);
  const warnings = ready.ok ? (ready.value.warnings ?? []) : [];
  if (failing.length + warnings.length === 0) {
    return ready.ok ? (
      <Notice tone="good">
        <p>All checks of this process pass.</p>
      </Notice>
    ) : (
      <ProblemNotice problem={ready.problem} hasFocus={false} />
    );
  }
  return (
    <>
      {[...failing, ...warnings].map(({ field, reason, hint }) => (
        <Notice tone={ready.ok ? 'warn' : 'bad'} title={field}>
          <p data-announce>{reason}</p>
          <p class="hint">{hint}</p>
        </Notice>
      ))}
    </>
  );
}

function Summary({ holds, uncounted }: { holds: Answer<PageOf<BillingHoldJson>>; uncounted: UncountedJson }) {
  const responses = uncounted.items.reduce((sum, item) => sum + item.responses, 0);
  const differing = uncounted.crossCheck.differences.reduce((sum, item) => sum + item.responses, 0);
  return (
    <Figures label="In short">
      {holds.ok ? (
        <Figure label="Billing holds in force">
          <Count value={holds.value.items.length} />
          {holds.value.next === null ? null : ' and more'}
        </Figure>
      ) : null}
      <Figure label="Uncounted responses" note={<Since at={uncounted.since} />}>
        <Count value={responses} />
      </Figure>
      <Figure
        label="Counted twice"
        note={
          <>
            <Count value={differing} /> differ
          </>
        }
      >
        <Count value={uncounted.crossCheck.responses} api="/v1/uncounted#/crossCheck/responses" />
      </Figure>
    </Figures>
  );
}

function Since({ at }: { at: string }) {
  return (
    <>
      since <Moment at={at} /> UTC
    </>
  );
}

function Holds({ c, holds, state }: { c: PageContext; holds: readonly BillingHoldJson[]; state: FormState }) {
  if (holds.length === 0) {
    return <Empty title="No client is on hold">Everything that was metered is billed.</Empty>;
  }
  const columns: ReadonlyArray<Column<BillingHoldJson>> = [
    { head: 'Client', cell: ({ clientId }) => clientId ?? 'all clients' },
    { head: 'Kind', cell: ({ code }) => <Badge tone="warn">{code}</Badge> },
    { head: 'Reason', field: 'reason', cell: ({ reason }) => <span data-announce>{reason}</span> },
    { head: 'Since (UTC)', field: 'heldAt', cell: ({ heldAt }) => <Moment at={heldAt} /> },
    { head: 'By', field: 'heldBy', cell: ({ heldBy }) => heldBy },
  ];
  const release: Column<BillingHoldJson> = {
    head: 'Release',
    cell: ({ id }) => {
      const own = state.values.id === id ? state : FRESH;
      return (
        <details open={own.problem !== undefined}>
          <summary>Release</summary>
          <PostForm state={FRESH} api="POST /v1/billing-holds/{billingHoldId}/release">
            <input type="hidden" name="id" value={id} />
            <Field name="reason" id={`reason-${id}`} label="Reason" state={own} required />
            <Submit tone="primary">Release the hold</Submit>
          </PostForm>
        </details>
      );
    },
  };
  return (
    <DataTable
      c={c}
      caption="Clients that are metered and not billed, newest first"
      columns={mayAct(c, 'operator') ? [...columns, release] : columns}
      rows={holds}
      keyOf={({ id }) => id}
      api={`/v1/billing-holds?limit=${SHOWN}`}
    />
  );
}

const UNCOUNTED: ReadonlyArray<Column<UncountedJson['items'][number]>> = [
  { head: 'Route', field: 'route', cell: ({ route }) => <code>{route}</code> },
  { head: 'Reason', field: 'reason', cell: ({ reason }) => reason },
  {
    head: 'Responses',
    field: 'responses',
    isFigure: true,
    cell: ({ responses }) => <Count value={responses} />,
  },
];

function Uncounted({ c, uncounted }: { c: PageContext; uncounted: UncountedJson }) {
  if (uncounted.items.length === 0) return <Empty title="Every response was counted" />;
  return (
    <DataTable
      c={c}
      caption="Responses whose posts could not be counted"
      columns={UNCOUNTED}
      rows={uncounted.items}
      api="/v1/uncounted"
    />
  );
}

const GAPS: ReadonlyArray<Column<GapJson>> = [
  { head: 'From (UTC)', field: 'from', cell: ({ from }) => <Moment at={from} seconds /> },
  { head: 'To (UTC)', field: 'to', cell: ({ to }) => <Moment at={to} seconds /> },
  {
    head: 'Responses',
    field: 'responses',
    isFigure: true,
    cell: ({ responses }) => <Count value={responses} />,
  },
  { head: 'Posts', field: 'posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  { head: 'Journal', field: 'journalId', cell: ({ journalId }) => <code>{journalId}</code> },
];

function Gaps({ c, gaps }: { c: PageContext; gaps: readonly GapJson[] }) {
  if (gaps.length === 0) return <Empty title="No gaps">All traffic that was served was metered.</Empty>;
  return (
    <DataTable
      c={c}
      caption="Traffic that was served and could not be journalled; it is never billed"
      columns={GAPS}
      rows={gaps}
      api={`/v1/gaps?limit=${SHOWN}`}
    />
  );
}
