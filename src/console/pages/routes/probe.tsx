/** Fetches one path of the platform and explains how its posts are counted. */

import type { ProbeJson } from '../../../admin/routes/probe.ts';
import { counted } from '../../../report/counted.ts';
import { api } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext } from '../../context.ts';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, None } from '../../parts/value.tsx';

const PATH = '/v1/probe';

const SELECTORS: ReadonlyArray<Column<ProbeJson['selectors'][number]>> = [
  { head: 'Selector', cell: ({ selector }) => <code>{selector}</code> },
  { head: 'Kind', cell: ({ kind }) => kind },
  { head: 'Counted', isFigure: true, cell: ({ counted }) => <Count value={counted} /> },
  {
    head: 'Not counted by its kind',
    isFigure: true,
    cell: ({ switchedOff }) => <Count value={switchedOff} />,
  },
  { head: 'Duplicates', isFigure: true, cell: ({ duplicates }) => <Count value={duplicates} /> },
];

export const probePage: ConsolePage = {
  path: '/routes/probe',
  get: (c) => form(c, FRESH, null),
  async post(c) {
    const values = await formOf(c);
    const headers = headersOf(values.headers ?? '');
    const answer = await api(c).post<ProbeJson>(PATH, { path: values.path ?? '', headers });
    if (answer.ok) return form(c, { values }, answer.value);
    return form(c, { values, problem: answer.problem }, null);
  },
};

function form(c: PageContext, state: FormState, result: ProbeJson | null) {
  return page(
    c,
    { title: 'Probe a path', status: state.problem?.status ?? 200 },
    <>
      <p>
        <a href="/routes">All routes</a>
      </p>
      <p>
        The path is fetched once from the platform, past the gateway. Nothing is metered or billed. Redirects
        to other hosts are not followed.
      </p>
      {mayAct(c, 'operator') ? (
        <PostForm state={state} api={PATH} class="form card">
          <Field
            name="path"
            label="Path and query"
            state={state}
            required
            placeholder="/2/tweets/search/recent?query=a"
          />
          <Field
            name="headers"
            label="Headers"
            state={state}
            lines={3}
            hint="One a line, as name: value. They are not recorded."
          />
          <p class="buttons">
            <Submit tone="primary">Fetch and count</Submit>
          </p>
        </PostForm>
      ) : (
        <Notice tone="info">The role operator is required.</Notice>
      )}
      {result === null ? null : <Result c={c} result={result} />}
    </>,
  );
}

function Result({ c, result }: { c: PageContext; result: ProbeJson }) {
  const { status, contentType, bytes, posts, by, uncounted, route, fitting, target, leadsTo, isTruncated } =
    result;
  return (
    <Panel
      title="What the gateway would count"
      aside={
        posts === null ? (
          <Badge tone="bad">not counted</Badge>
        ) : (
          <Badge tone="good">{`${counted(posts, 'post')} by ${by}`}</Badge>
        )
      }
    >
      {route === null && fitting.length === 0 ? (
        <Notice tone="warn">No route matches this path, so nothing in it is counted.</Notice>
      ) : null}
      <Facts
        facts={[
          ['Status', String(status)],
          ['Type', contentType === '' ? <None /> : contentType],
          ['Bytes', <Count value={bytes} unit={isTruncated ? 'read; the body is longer' : ''} />],
          ['Path', <code>{target}</code>],
          ['Leads to', leadsTo === null ? null : <code>{leadsTo}</code>],
          ['Posts', posts === null ? <None /> : <Count value={posts} />],
          ['Not counted because', uncounted],
          ['Posts in the body', result.postsInBody === null ? null : <Count value={result.postsInBody} />],
          ['Read by the route', route === null ? <None /> : <code>{route}</code>],
          ['Routes that match', fitting.length === 0 ? <None /> : <code>{fitting.join(', ')}</code>],
        ]}
      />
      {result.selectors.length === 0 ? null : (
        <DataTable c={c} caption="Hits by selector" columns={SELECTORS} rows={result.selectors} />
      )}
    </Panel>
  );
}

/** A line without a colon becomes a name that the API refuses, so that it is not silently dropped. */
function headersOf(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}
