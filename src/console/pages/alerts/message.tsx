/** One message with its attempts: what was sent and what came back. */

import type { z } from 'zod';
import type { MessageDetailSchema } from '../../../admin/routes/alerts/message-schemas.ts';
import { api } from '../../api.ts';
import { type ConsolePage, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { MessageBadge } from '../../parts/alerts.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { Count, Moment } from '../../parts/value.tsx';

type Detail = z.output<typeof MessageDetailSchema>;

const DONE = { resent: 'The message is due now, with the same id.' };

export const alertMessagePage: ConsolePage = {
  path: '/alerts/messages/:id',
  get: (c) => render(c, FRESH),

  async post(c) {
    const again = await api(c).post(`${messagePath(c)}/resend`);
    return again.ok ? seeDone(c, c.req.path, 'resent') : render(c, { values: {}, problem: again.problem });
  },
};

async function render(c: PageContext, state: FormState) {
  const path = messagePath(c);
  const found = await api(c).get<Detail>(path);
  if (!found.ok) return problemPage(c, found.problem);
  const { event, receiver, log, attempts, dueAt, createdAt, state: sent } = found.value;
  return page(
    c,
    {
      title: event.title,
      aside: <MessageBadge state={sent} />,
      live: ['messages'],
      done: DONE,
      status: state.problem?.status ?? 200,
    },
    <>
      <p>
        <a href="/alerts/messages">All messages</a>
      </p>
      <Facts
        facts={[
          [
            'Receiver',
            <a href={`/alerts/receivers/${receiver.id}`}>
              <bdi>{receiver.name}</bdi>
            </a>,
          ],
          ['Address', receiver.address],
          ['Event', <code>{event.type}</code>],
          ['Made (UTC)', <Moment at={createdAt} api={`${path}#/createdAt`} seconds />],
          ['Attempts', <Count value={attempts} api={`${path}#/attempts`} />],
          [
            'Next attempt (UTC)',
            dueAt === null ? null : <Moment at={dueAt} api={`${path}#/dueAt`} seconds />,
          ],
        ]}
      />
      {mayAct(c, 'operator', 'admin') ? (
        <PostForm state={state} api={`${path}/resend`} class="buttons">
          <Submit>Send again</Submit>
        </PostForm>
      ) : null}
      {log.length === 0 ? <Empty title="No attempts yet, or they are older than 90 days" /> : null}
      {log.toReversed().map((attempt) => (
        <AttemptPanel attempt={attempt} />
      ))}
    </>,
  );
}

function AttemptPanel({ attempt }: { attempt: Detail['log'][number] }) {
  const { number, at, status, error, durationMs, requestHeaders, requestBody, responseHead } = attempt;
  const headers = Object.entries(requestHeaders).map(([name, value]) => `${name}: ${value}`);
  return (
    <Panel title={`Attempt ${number}`} aside={<Moment at={at} seconds />}>
      <Facts
        facts={[
          ['Status', status === null ? null : String(status)],
          ['Error', error],
          ['Duration', `${durationMs} ms`],
        ]}
      />
      <details>
        <summary>As sent</summary>
        <Wire text={`${headers.join('\n')}\n\n${requestBody}`} label={`Request of attempt ${number}`} />
      </details>
      {responseHead === '' ? null : (
        <details open>
          <summary>Beginning of the answer</summary>
          <Wire text={responseHead} label={`Answer to attempt ${number}`} />
        </details>
      )}
    </Panel>
  );
}

/** Text as it went over the wire. It scrolls in its own region. */
function Wire({ text, label }: { text: string; label: string }) {
  return (
    <section class="scroll" tabindex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}

function messagePath(c: PageContext): string {
  return `/v1/messages/${encodeURIComponent(c.req.param('id') ?? '')}`;
}
