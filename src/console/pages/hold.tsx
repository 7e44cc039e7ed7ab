/** The page that puts the billing of several clients on hold: the choice with a reason, then what became of each. */

import { counted } from '../../report/counted.ts';
import { api } from '../api.ts';
import { type ConsolePage, formOf, listOf, type PageContext } from '../context.ts';
import { page } from '../layout.tsx';
import { Badge } from '../parts/badge.tsx';
import { Confirmation, Field, type FormState, FRESH } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { None } from '../parts/value.tsx';

const BACK = '/clients';
const TITLE = 'Put clients on billing hold';
/** As many as a page of the list has. */
const MAX_CLIENTS = 200;

interface Outcome {
  readonly id: string;
  /** Null: the client is on hold now. */
  readonly refusal: string | null;
}

export const holdClientsPage: ConsolePage = {
  path: '/holds/new',
  get: (c) => c.redirect(BACK, 303),
  async post(c) {
    const ids = [...new Set(await listOf(c, 'client'))].slice(0, MAX_CLIENTS);
    if (ids.length === 0) return nothingSelected(c);
    const values = await formOf(c);
    if (values.confirmed !== 'yes') return confirmation(c, ids, FRESH);
    const outcomes: Outcome[] = [];
    for (const id of ids) {
      const held = await api(c).post(`/v1/clients/${encodeURIComponent(id)}/hold`, { reason: values.reason });
      // The reason is the same for all, so the first request is refused before anything has changed.
      if (!held.ok && held.problem.status === 400) {
        return confirmation(c, ids, { values, problem: held.problem });
      }
      outcomes.push({ id, refusal: held.ok ? null : refusalOf(held.problem) });
    }
    return done(c, outcomes);
  },
};

function refusalOf(problem: FormState['problem'] & {}): string {
  const [error] = problem.errors ?? [];
  return error === undefined ? (problem.detail ?? problem.title) : `${error.reason}: ${error.hint}`;
}

function nothingSelected(c: PageContext) {
  return page(
    c,
    { title: TITLE },
    <>
      <Notice tone="warn" hasFocus>
        No client is selected.
      </Notice>
      <p>
        <a href={BACK}>Back to the list</a>
      </p>
    </>,
  );
}

function confirmation(c: PageContext, ids: readonly string[], state: FormState) {
  return page(
    c,
    { title: TITLE, status: state.problem?.status ?? 200 },
    <Confirmation
      state={state}
      label={`Put ${counted(ids.length, 'client')} on hold`}
      back={BACK}
      api="POST /v1/clients/{clientId}/hold"
      hidden={{ confirmed: 'yes' }}
    >
      {ids.map((id) => (
        <input type="hidden" name="client" value={id} />
      ))}
      <p>They are metered and not billed until the hold is released. Issued invoices do not change.</p>
      <ul>
        {ids.map((id) => (
          <li>
            <a href={`/clients/${encodeURIComponent(id)}`}>{id}</a>
          </li>
        ))}
      </ul>
      <Field name="reason" label="Reason" state={state} required hint="Recorded in the audit log." />
    </Confirmation>,
  );
}

const COLUMNS: ReadonlyArray<Column<Outcome>> = [
  { head: 'Client', cell: ({ id }) => <a href={`/clients/${encodeURIComponent(id)}`}>{id}</a> },
  {
    head: 'Outcome',
    cell: ({ refusal }) => (
      <Badge tone={refusal === null ? 'good' : 'warn'}>{refusal === null ? 'on hold' : 'unchanged'}</Badge>
    ),
  },
  { head: 'Why', cell: ({ refusal }) => refusal ?? <None /> },
];

function done(c: PageContext, outcomes: readonly Outcome[]) {
  const held = outcomes.filter(({ refusal }) => refusal === null).length;
  const left = outcomes.length - held;
  return page(
    c,
    { title: TITLE },
    <>
      <Notice tone={left === 0 ? 'good' : 'warn'} hasFocus>
        {counted(held, 'client')} put on hold{left === 0 ? '.' : `, ${left} unchanged: the table says why.`}
      </Notice>
      <DataTable
        c={c}
        caption="What became of each"
        columns={COLUMNS}
        rows={outcomes}
        keyOf={({ id }) => id}
      />
      <p>
        <a href={BACK}>Back to the list</a>
      </p>
    </>,
  );
}
