/** One receiver: its settings, its messages, and what can be done with it. */

import type { z } from 'zod';
import type { RotatedSchema } from '../../../admin/routes/alerts/receiver-schemas.ts';
import { counted } from '../../../report/counted.ts';
import { type Answer, api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, hrefWith, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import {
  type MessageJson,
  MessageTable,
  ReceiverBadge,
  ReceiverFields,
  type ReceiverJson,
  receiverBody,
} from '../../parts/alerts.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Confirmation, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, Notice } from '../../parts/notice.tsx';
import { Count, Moment } from '../../parts/value.tsx';
import { secretPage } from './receivers.tsx';

const DONE = {
  saved: 'The receiver is changed.',
  on: 'The receiver is on.',
  off: 'The receiver is off. Messages that waited are skipped.',
  tested: 'A test is due now. Its result is in the list of messages.',
  resent: 'The messages are due now.',
};

export const alertReceiverPage: ConsolePage = {
  path: '/alerts/receivers/:id',
  get: (c) => (c.req.query('confirm') === 'remove' ? confirmRemoval(c) : render(c, FRESH)),

  async post(c) {
    const { action = '', ...values } = await formOf(c);
    if (action === 'rotate') return rotate(c);
    const [answer, code] = await act(c, action, values);
    if (!answer.ok) return render(c, { values: action === 'save' ? values : {}, problem: answer.problem });
    return code === 'removed' ? seeDone(c, '/alerts', code) : seeDone(c, c.req.path, code);
  },
};

async function act(
  c: PageContext,
  action: string,
  values: Readonly<Record<string, string>>,
): Promise<[Answer<unknown>, string]> {
  const path = receiverPath(c);
  switch (action) {
    case 'on':
    case 'off':
      return [await api(c).patch(path, { isOn: action === 'on' }), action];
    case 'test':
      return [await api(c).post(`${path}/test`), 'tested'];
    case 'resend':
      return [await api(c).post(`${path}/resend-failed`, {}), 'resent'];
    case 'remove':
      return [await api(c).delete(path), 'removed'];
    default:
      return [await api(c).patch(path, receiverBody(values)), 'saved'];
  }
}

async function rotate(c: PageContext) {
  const path = receiverPath(c);
  const rotated = await api(c).post<z.output<typeof RotatedSchema>>(`${path}/rotate`);
  if (!rotated.ok) return render(c, { values: {}, problem: rotated.problem });
  const receiver = await api(c).get<ReceiverJson>(path);
  return receiver.ok ? secretPage(c, receiver.value, rotated.value.secret) : problemPage(c, receiver.problem);
}

async function confirmRemoval(c: PageContext) {
  const found = await api(c).get<ReceiverJson>(receiverPath(c));
  if (!found.ok) return problemPage(c, found.problem);
  const { name, waiting } = found.value;
  return page(
    c,
    { title: `Remove ${name}` },
    <Confirmation
      state={FRESH}
      label="Remove the receiver"
      back={c.req.path}
      tone="danger"
      hidden={{ action: 'remove' }}
    >
      <p>
        It gets no further messages. Its queue is dropped: {counted(waiting, 'message')}. The log keeps its
        messages.
      </p>
    </Confirmation>,
  );
}

async function render(c: PageContext, state: FormState) {
  const path = receiverPath(c);
  const [found, messages] = await Promise.all([
    api(c).get<ReceiverJson>(path),
    api(c).get<PageOf<MessageJson>>('/v1/messages', { receiver: c.req.param('id'), limit: 20 }),
  ]);
  if (!found.ok) return problemPage(c, found.problem);
  const receiver = found.value;
  const at = (field: string) => `${path}#/${field}`;
  return page(
    c,
    {
      title: `Receiver ${receiver.name}`,
      aside: <ReceiverBadge receiver={receiver} />,
      live: ['messages'],
      done: DONE,
      status: state.problem?.status ?? 200,
    },
    <>
      <p>
        <a href="/alerts">All receivers</a>
      </p>
      {receiver.isSentHere ? null : (
        <Notice tone="warn" title="This process sends no mail">
          <p>Mail is sent by a Node process with SMTP_URL on the same ledger.</p>
        </Notice>
      )}
      <Facts
        facts={[
          ['Kind', receiver.kind],
          ['Address', receiver.address],
          [
            'Last sent (UTC)',
            receiver.lastSentAt && <Moment at={receiver.lastSentAt} api={at('lastSentAt')} seconds />,
          ],
          [
            'Failing since (UTC)',
            receiver.failingSince && <Moment at={receiver.failingSince} api={at('failingSince')} seconds />,
          ],
          ['Messages that wait', <Count value={receiver.waiting} api={at('waiting')} />],
          ['Switched off', receiver.offReason],
          ['Added by', receiver.createdBy],
        ]}
      />
      {mayAct(c, 'operator', 'admin') ? <Actions c={c} receiver={receiver} state={state} /> : null}
      <Panel title="Messages" aside={<a href={`/alerts/messages?receiver=${receiver.id}`}>All messages</a>}>
        {messages.ok && messages.value.items.length > 0 ? (
          <MessageTable
            c={c}
            caption="Newest messages"
            api={`/v1/messages?receiver=${receiver.id}&limit=20`}
            items={messages.value.items}
          />
        ) : (
          <Empty title="No messages yet" />
        )}
      </Panel>
    </>,
  );
}

function Actions({ c, receiver, state }: { c: PageContext; receiver: ReceiverJson; state: FormState }) {
  return (
    <>
      <PostForm state={FRESH} class="buttons">
        {receiver.isOn ? <ActionButton action="test">Send a test</ActionButton> : null}
        {receiver.isOn ? <ActionButton action="resend">Send failed ones of 24 h again</ActionButton> : null}
        {receiver.kind === 'webhook' ? <ActionButton action="rotate">New secret</ActionButton> : null}
        {receiver.isOn ? (
          <ActionButton action="off">Switch off</ActionButton>
        ) : (
          <ActionButton action="on">Switch on</ActionButton>
        )}
        <a href={hrefWith(c, { confirm: 'remove' })}>Remove</a>
      </PostForm>
      <Panel title="Settings">
        <PostForm state={state} api={`/v1/receivers/${receiver.id}`}>
          <ReceiverFields state={state} receiver={receiver} />
          <p class="buttons">
            <Submit tone="primary" name="action" value="save">
              Save
            </Submit>
          </p>
        </PostForm>
      </Panel>
    </>
  );
}

function ActionButton({ action, children }: { action: string; children: string }) {
  return (
    <Submit name="action" value={action}>
      {children}
    </Submit>
  );
}

function receiverPath(c: PageContext): string {
  return `/v1/receivers/${encodeURIComponent(c.req.param('id') ?? '')}`;
}
