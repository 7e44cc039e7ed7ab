/** Sessions: who is signed in, and how to end a session. */

import type { SessionJson } from '../../admin/routes/sessions.ts';
import { api, hrefOf, type PageOf } from '../api.ts';
import { type ConsolePage, formOf, type PageContext, seeDone } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { Badge } from '../parts/badge.tsx';
import { type FormState, FRESH, PostForm, Submit } from '../parts/form.tsx';
import { ProblemNotice } from '../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../parts/table.tsx';
import { Moment } from '../parts/value.tsx';

const PATH = '/v1/sessions';

const COLUMNS: ReadonlyArray<Column<SessionJson>> = [
  {
    head: 'Person',
    cell: ({ actor, isCurrent }) => (
      <>
        {actor} {isCurrent ? <Badge tone="good">this session</Badge> : null}
      </>
    ),
  },
  { head: 'Roles', cell: ({ roles }) => roles.join(', ') },
  { head: 'Address', field: 'peer', cell: ({ peer }) => <code>{peer}</code> },
  { head: 'Signed in', field: 'startedAt', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  { head: 'Last request', cell: ({ seenAt }) => <Moment at={seenAt} /> },
  { head: 'Ends at the latest', field: 'expiresAt', cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
  { head: 'Action', cell: (session) => <EndSession session={session} /> },
];

function EndSession({ session }: { session: SessionJson }) {
  return (
    <PostForm state={FRESH} api="DELETE /v1/sessions/{sessionId}" class="form inline">
      <input type="hidden" name="id" value={session.id} />
      <button type="submit" aria-label={`End the session of ${session.actor} from ${session.startedAt}`}>
        End
      </button>
    </PostForm>
  );
}

export const sessionsPage: ConsolePage = {
  path: '/sessions',
  nav: { label: 'Sessions', group: 'System' },
  get: (c) => sessionsView(c, FRESH),
  async post(c) {
    const { id, all } = await formOf(c);
    const ended = all === 'yes' ? await api(c).delete(PATH) : await api(c).delete(`${PATH}/${id}`);
    if (!ended.ok) return sessionsView(c, { values: {}, problem: ended.problem });
    const isOwn = all === 'yes' || id === c.get('caller').sessionId;
    return isOwn ? c.redirect('/sign-in', 303) : seeDone(c, '/sessions', 'ended');
  },
};

async function sessionsView(c: PageContext, state: FormState): Promise<Response> {
  const asked = { cursor: c.req.query('cursor'), limit: 50 };
  const found = await api(c).get<PageOf<SessionJson>>(PATH, asked);
  if (!found.ok) return problemPage(c, found.problem);
  const { items, next } = found.value;
  return page(
    c,
    {
      title: 'Sessions',
      live: ['audit'],
      done: { ended: 'The session has ended.' },
      ...(state.problem === undefined ? {} : { status: state.problem.status }),
      aside: (
        <PostForm state={FRESH} api="DELETE /v1/sessions" class="form inline">
          <input type="hidden" name="all" value="yes" />
          <Submit tone="danger">Sign out everywhere</Submit>
        </PostForm>
      ),
    },
    <>
      {state.problem === undefined ? null : <ProblemNotice problem={state.problem} />}
      <DataTable
        c={c}
        caption="Sessions in force, newest first. Times are UTC."
        columns={COLUMNS}
        rows={items}
        keyOf={({ id }) => id}
        api={hrefOf(PATH, asked)}
      />
      <Pager c={c} next={next} />
    </>,
  );
}
