/** One what-if: its progress while it runs, then what the terms would have meant. */

import { nounOf } from '../../../report/counted.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, Notice } from '../../parts/notice.tsx';
import { DataTable, Pager } from '../../parts/table.tsx';
import { termsSentence } from '../../parts/terms.tsx';
import { Count, Moment } from '../../parts/value.tsx';
import {
  ChangedInvoices,
  COMPARED_COLUMNS,
  Sums,
  TermsVariants,
  type WhatIfClientJson,
  type WhatIfJson,
} from '../../parts/what-if/result.tsx';
import { isUnfinished, RELOAD_SECONDS, STATE_TONES } from '../../parts/what-if/state.ts';

const DONE = {
  cancelled: 'The what-if is cancelled. Its result so far is kept.',
  resumed: 'The what-if continues after the clients that it has checked.',
};

export const whatIfResultPage: ConsolePage = {
  path: '/what-if/:id',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const isCancel = values.action === 'cancel';
    const path = `/v1/what-ifs/${encodeURIComponent(c.req.param('id') ?? '')}`;
    const answer = await api(c).post<WhatIfJson>(`${path}/${isCancel ? 'cancel' : 'resume'}`);
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    return seeDone(c, c.req.path, isCancel ? 'cancelled' : 'resumed');
  },
};

async function render(c: PageContext, state: FormState) {
  const path = `/v1/what-ifs/${encodeURIComponent(c.req.param('id') ?? '')}`;
  const [found, clients] = await Promise.all([
    api(c).get<WhatIfJson>(path),
    api(c).get<PageOf<WhatIfClientJson>>(`${path}/clients`, { limit: 50, cursor: c.req.query('cursor') }),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  const whatIf = found.value;
  if (isUnfinished(whatIf)) c.header('refresh', RELOAD_SECONDS);
  return page(
    c,
    {
      title: 'What-if',
      live: ['what-ifs'],
      done: DONE,
      ...(state.problem === undefined ? {} : { status: state.problem.status }),
      aside: <Badge tone={STATE_TONES[whatIf.state]}>{whatIf.state}</Badge>,
    },
    <>
      <About whatIf={whatIf} path={path} />
      {mayAct(c, 'operator') ? <Actions whatIf={whatIf} state={state} /> : null}
      <ResultPanels c={c} whatIf={whatIf} path={path} />
      {clients.ok ? <Clients c={c} found={clients.value} whatIf={whatIf} path={path} /> : null}
    </>,
  );
}

function About({ whatIf, path }: { whatIf: WhatIfJson; path: string }) {
  const { terms, scope, from, to, createdAt, createdBy, progress, failure, result } = whatIf;
  const named = Array.isArray(scope.clients) ? scope.clients.slice(0, 20).join(', ') : null;
  const scopes: Readonly<Record<string, string>> = {
    default: 'all on the default tariff',
    all: 'all clients',
  };
  return (
    <>
      {failure === null ? null : (
        <Notice tone="bad" title="It failed">
          <p>{failure} Resume it to continue after the clients that it has checked.</p>
        </Notice>
      )}
      <Facts
        facts={[
          ['Terms', termsSentence(terms)],
          ['For', `${named ?? scopes[String(scope.clients)]}${scope.callers ? ', callers too' : ''}`],
          [
            'Usage (UTC)',
            <>
              <Moment at={from} /> to <Moment at={to} />
            </>,
          ],
          [
            'Started',
            <>
              <Moment at={createdAt} /> by {createdBy}
            </>,
          ],
          [
            'Checked',
            <>
              <Count value={progress.clients} api={`${path}#/progress/clients`} /> of{' '}
              <Count value={progress.of} api={`${path}#/progress/of`} /> {nounOf(progress.of, 'client')}{' '}
              {isUnfinished(whatIf) ? (
                <progress
                  value={progress.clients}
                  max={Math.max(1, progress.of)}
                  aria-label="Checked clients"
                />
              ) : null}
            </>,
          ],
          [
            'With usage',
            result === null ? null : (
              <>
                <Count value={result.clients} api={`${path}#/result/clients`} />{' '}
                {nounOf(result.clients, 'client')} (
                <Count value={result.unconcerned} api={`${path}#/result/unconcerned`} /> could not be
                concerned)
              </>
            ),
          ],
        ]}
      />
    </>
  );
}

function Actions({ whatIf, state }: { whatIf: WhatIfJson; state: FormState }) {
  const isStopped = whatIf.state === 'cancelled' || whatIf.state === 'failed';
  const client = whatIf.change?.clientId ?? onlyClient(whatIf);
  const query = new URLSearchParams({ whatIf: whatIf.id, ...(client === null ? {} : { client }) });
  return (
    <PostForm state={state} class="buttons">
      {isUnfinished(whatIf) ? (
        <Submit name="action" value="cancel">
          Cancel
        </Submit>
      ) : null}
      {isStopped ? (
        <Submit name="action" value="resume">
          Resume
        </Submit>
      ) : null}
      <a href={`/tariffs/new?${query}`}>Make this a tariff</a>
    </PostForm>
  );
}

function onlyClient({ scope }: WhatIfJson): string | null {
  return Array.isArray(scope.clients) && scope.clients.length === 1 ? scope.clients[0]! : null;
}

function ResultPanels({ c, whatIf, path }: { c: PageContext; whatIf: WhatIfJson; path: string }) {
  const { result } = whatIf;
  if (result === null) return null;
  if (result.clients === 0 && whatIf.state === 'done') {
    return <Empty title="No usage in this range">Choose another range or other clients.</Empty>;
  }
  return (
    <>
      <Sums result={result} api={path} />
      <TermsVariants c={c} whatIf={whatIf} api={path} />
      {result.invoices === null ? null : (
        <Panel title="Invoices">
          <ChangedInvoices c={c} invoices={result.invoices} api={path} />
        </Panel>
      )}
    </>
  );
}

function Clients(props: {
  c: PageContext;
  found: PageOf<WhatIfClientJson>;
  whatIf: WhatIfJson;
  path: string;
}) {
  const { c, found, whatIf, path } = props;
  if (found.items.length === 0) return null;
  return (
    <Panel title="Clients" aside={<a href={`${path}/clients?format=csv`}>CSV</a>}>
      <DataTable
        c={c}
        caption="Compared clients, the highest peak first"
        columns={COMPARED_COLUMNS}
        rows={found.items}
        keyOf={({ clientId }) => clientId}
        api={`${path}/clients?limit=50`}
      />
      <Pager c={c} next={found.next} />
      {isUnfinished(whatIf) ? <p class="hint">More follow while it runs.</p> : null}
    </Panel>
  );
}
