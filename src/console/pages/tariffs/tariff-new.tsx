/**
 * A new version of a tariff. The form starts a what-if over the last 30 days. The version is stored from the page of its
 * result, which names the invoices that a correction changes.
 */

import type { z } from 'zod';
import type { VersionSchema } from '../../../admin/routes/tariffs/tariff-schemas.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { utcOf } from '../../parts/filter.tsx';
import { Confirmation, Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { TermsFields, termsOfForm, termsSentence } from '../../parts/terms.tsx';
import { Count, Moment } from '../../parts/value.tsx';
import { ChangedInvoices, Sums, type WhatIfJson } from '../../parts/what-if/result.tsx';
import { isUnfinished, RELOAD_SECONDS } from '../../parts/what-if/state.ts';
import type { ClauseJson } from '../settings/data.ts';

type Version = z.output<typeof VersionSchema>;

export const tariffNewPage: ConsolePage = {
  path: '/tariffs/new',
  get: (c) => (c.req.query('whatIf') === undefined ? renderForm(c, FRESH) : renderPreview(c, FRESH)),

  async post(c) {
    const values = await formOf(c);
    return values.step === 'store' ? store(c, values) : preview(c, values);
  },
};

/** The client whose tariff it is, and the path of the tariff; the default tariff without a client. */
function tariffOf(c: PageContext): { readonly client: string | null; readonly path: string } {
  const client = c.req.query('client') ?? '';
  if (client === '') return { client: null, path: '/v1/tariffs' };
  return { client, path: `/v1/clients/${encodeURIComponent(client)}/tariffs` };
}

function whatIfPath(c: PageContext): string {
  return `/v1/what-ifs/${encodeURIComponent(c.req.query('whatIf') ?? '')}`;
}

function frameOf(client: string | null, state: FormState) {
  const title = client === null ? 'New version of the default tariff' : `New version for ${client}`;
  return state.problem === undefined ? { title } : { title, status: state.problem.status };
}

async function preview(c: PageContext, values: Readonly<Record<string, string>>) {
  const { client } = tariffOf(c);
  const validFrom = utcOf(values.validFrom);
  const answer = await api(c).post<WhatIfJson>('/v1/what-ifs', {
    terms: termsOfForm(values),
    scope: { clients: client === null ? 'default' : [client] },
    ...(validFrom === undefined ? {} : { change: { clientId: client, validFrom } }),
  });
  if (!answer.ok) return renderForm(c, { values, problem: answer.problem });
  const query = new URLSearchParams({ whatIf: answer.value.id, ...(client === null ? {} : { client }) });
  return c.redirect(`/tariffs/new?${query}`, 303);
}

async function store(c: PageContext, values: Readonly<Record<string, string>>) {
  const found = await api(c).get<WhatIfJson>(whatIfPath(c));
  if (!found.ok) return problemPage(c, found.problem);
  const { terms, change } = found.value;
  const answer = await api(c).post<Version>(tariffOf(c).path, {
    terms,
    reason: values.reason,
    ...(change === null ? {} : { validFrom: change.validFrom, correction: isCorrection(found.value) }),
  });
  if (!answer.ok) return renderPreview(c, { values, problem: answer.problem });
  return seeDone(c, '/tariffs', 'added');
}

function isCorrection({ change, createdAt }: WhatIfJson): boolean {
  return change !== null && change.validFrom < createdAt;
}

async function renderForm(c: PageContext, state: FormState) {
  const { client, path } = tariffOf(c);
  const [found, general, listed] = await Promise.all([
    api(c).get<PageOf<Version>>(path, { limit: 1 }),
    api(c).get<PageOf<Version>>('/v1/tariffs', { limit: 1 }),
    api(c).get<PageOf<ClauseJson>>('/v1/clauses', { limit: 100 }),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  const clauses = listed.ok ? listed.value.items : [];
  const chosen = clauses.find(({ id }) => id === c.req.query('clause'));
  const fallback = general.ok ? (general.value.items[0]?.terms ?? null) : null;
  return page(
    c,
    frameOf(client, state),
    <>
      <p>
        The next page shows what these terms would have meant in the last 30 days. Nothing is stored before.
      </p>
      <ClauseLinks client={client} clauses={clauses} />
      <PostForm state={state} api="POST /v1/what-ifs" class="form card">
        <TermsFields state={state} terms={chosen?.terms ?? found.value.items[0]?.terms ?? fallback} />
        <Field
          name="validFrom"
          field="change.validFrom"
          label="Valid from (UTC)"
          state={state}
          type="datetime-local"
          hint="Empty: from when it is stored. A time in the past is a correction: billing since then is recomputed."
        />
        <p class="buttons">
          <Submit tone="primary">Preview</Submit>
          <a href="/tariffs">Cancel</a>
        </p>
      </PostForm>
    </>,
  );
}

/** Fills the form with the terms of a clause, such as the European variant of a family. */
function ClauseLinks({
  client,
  clauses,
}: {
  readonly client: string | null;
  readonly clauses: readonly ClauseJson[];
}) {
  const hrefOf = (clause: string) =>
    `/tariffs/new?${new URLSearchParams({ clause, ...(client === null ? {} : { client }) })}`;
  return (
    <details>
      <summary>Take the terms of a clause</summary>
      <ul>
        {clauses.map(({ id, name, currency }) => (
          <li>
            <a href={hrefOf(id)}>{id}</a> {name}, {currency}
          </li>
        ))}
      </ul>
      <p>
        A client is invoiced in one currency: change that of its billing details together with the tariff.
      </p>
    </details>
  );
}

async function renderPreview(c: PageContext, state: FormState) {
  const { client } = tariffOf(c);
  const path = whatIfPath(c);
  const found = await api(c).get<WhatIfJson>(path);
  if (!found.ok) return problemPage(c, found.problem);
  const whatIf = found.value;
  if (isUnfinished(whatIf)) c.header('refresh', RELOAD_SECONDS);
  const { terms, change, from, to, progress, result } = whatIf;
  return page(
    c,
    frameOf(client, state),
    <>
      <Facts
        facts={[
          ['Terms', termsSentence(terms)],
          ['Valid from (UTC)', change === null ? 'when it is stored' : <Moment at={change.validFrom} />],
          [
            'Compared over (UTC)',
            <>
              <Moment at={from} /> to <Moment at={to} />
            </>,
          ],
          [
            'Checked',
            <>
              <Count value={progress.clients} api={`${path}#/progress/clients`} /> of{' '}
              <Count value={progress.of} api={`${path}#/progress/of`} /> clients.{' '}
              <a href={`/what-if/${whatIf.id}`}>Whole result</a>
            </>,
          ],
        ]}
      />
      {result === null ? null : <Sums result={result} api={path} />}
      {whatIf.state === 'done' ? (
        <Store c={c} whatIf={whatIf} state={state} client={client} />
      ) : (
        <Notice tone={isUnfinished(whatIf) ? 'info' : 'warn'} title={`The preview is ${whatIf.state}`}>
          <p>
            {isUnfinished(whatIf)
              ? 'This page loads itself again until it is done.'
              : (whatIf.failure ?? 'Start it again.')}
          </p>
        </Notice>
      )}
    </>,
  );
}

function Store(props: { c: PageContext; whatIf: WhatIfJson; state: FormState; client: string | null }) {
  const { c, whatIf, state, client } = props;
  const isPast = isCorrection(whatIf);
  return (
    <>
      {isPast ? (
        <Panel title="Invoices that change">
          <ChangedInvoices c={c} invoices={whatIf.result?.invoices ?? []} api={`/v1/what-ifs/${whatIf.id}`} />
        </Panel>
      ) : null}
      <Confirmation
        state={state}
        label={isPast ? 'Store the correction' : 'Store the version'}
        back={client === null ? '/tariffs/new' : `/tariffs/new?client=${encodeURIComponent(client)}`}
        tone={isPast ? 'danger' : 'primary'}
        hidden={{ step: 'store' }}
      >
        <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
      </Confirmation>
    </>
  );
}
