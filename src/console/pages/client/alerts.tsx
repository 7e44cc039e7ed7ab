/** The part of a client's page that tells the client itself of its levels, breaches and invoices by mail. */

import { mayAct, type PageContext } from '../../context.ts';
import { ReceiverBadge } from '../../parts/alerts.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Field, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, ProblemNotice } from '../../parts/notice.tsx';
import type { Sent } from './actions.ts';
import type { ClientData } from './data.ts';

export function AlertsPanel({ c, data, sent }: { c: PageContext; data: ClientData; sent: Sent }) {
  const { receivers, client } = data;
  if (!receivers.ok) return <ProblemNotice problem={receivers.problem} hasFocus={false} />;
  const own = receivers.value.items.filter(
    ({ kind, clients }) => kind === 'client' && clients?.[0] === client.id,
  );
  const state = sent('tell');
  return (
    <Panel title="Mail to the client" aside={<a href="/alerts">All receivers</a>}>
      {own.length === 0 ? (
        <Empty title="No mail about its levels, breaches and invoices goes to the client" />
      ) : (
        <ul>
          {own.map((receiver) => (
            <li>
              <a href={`/alerts/receivers/${receiver.id}`}>{receiver.address}</a>{' '}
              <ReceiverBadge receiver={receiver} />
            </li>
          ))}
        </ul>
      )}
      {own.length === 0 && mayAct(c, 'operator', 'admin') ? (
        <PostForm state={state} class="form inline" api="POST /v1/receivers">
          <input type="hidden" name="action" value="tell" />
          <Field
            name="mailbox"
            field="address"
            label="Mailbox"
            state={state}
            type="email"
            required
            value={client.billing.email ?? undefined}
          />
          <Submit>Tell the client</Submit>
        </PostForm>
      ) : null}
    </Panel>
  );
}
