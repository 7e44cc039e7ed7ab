/** The parts of a client's page with forms: identifiers, notes, billing details, policy and billing holds. */

import { mayAct, type PageContext } from '../../context.ts';
import { Badge } from '../../parts/badge.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Field, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, Notice, ProblemNotice } from '../../parts/notice.tsx';
import type { Column } from '../../parts/table.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { Count, Moment, None, percent } from '../../parts/value.tsx';
import { BILLING_FIELDS, type Sent } from './actions.ts';
import type { ClientData, IdentifierJson } from './data.ts';
import { ListPanel } from './panels.tsx';

interface Props {
  readonly c: PageContext;
  readonly data: ClientData;
  readonly sent: Sent;
}

/** A band at the top while billing is on hold, and a folded form that puts it on hold. */
export function HoldPanel({ c, data, sent }: Props) {
  const { holds } = data;
  const may = mayAct(c, 'operator');
  if (!holds.ok) return <ProblemNotice problem={holds.problem} hasFocus={false} />;
  return (
    <>
      {holds.value.items.map(({ id, code, reason, heldAt, heldBy, clientId }) => (
        <Notice
          tone="warn"
          title={`Billing${clientId === null ? ' of all clients' : ''} is on hold: ${code}`}
        >
          <p>
            {reason}. Since <Moment at={heldAt} /> by {heldBy}. Metering continues.
          </p>
          {may ? (
            <PostForm state={sent('release')} class="form inline">
              <input type="hidden" name="action" value="release" />
              <input type="hidden" name="hold" value={id} />
              <Field name={`why-${id}`} label="Reason of the release" state={sent('release')} required />
              <Submit>Release</Submit>
            </PostForm>
          ) : null}
        </Notice>
      ))}
    </>
  );
}

export function IdentifiersPanel({ c, data, sent }: Props) {
  const state = sent('identifier');
  const may = mayAct(c, 'operator');
  return (
    <ListPanel
      {...{ c, data, answer: data.identifiers, columns: identifierColumns(data, may) }}
      title="Identifiers"
      empty={
        data.client.source === 'operator'
          ? 'No key, address range or agent: no request is recognised as this client'
          : 'The client is recognised by its address alone'
      }
      caption="Keys, address ranges and agents, oldest first"
      api={`${data.path}/identifiers?limit=200`}
    >
      {may && data.client.source === 'operator' ? (
        <details open={state.problem !== undefined}>
          <summary>Add a key, an address range or an agent</summary>
          <PostForm state={state}>
            <input type="hidden" name="action" value="identifier" />
            <Field
              name="kind"
              label="Kind"
              state={state}
              required
              options={[
                ['api_key', 'API key'],
                ['cidr', 'Address range'],
                ['agent', 'Agent'],
              ]}
            />
            <Field
              name="key"
              label="Key that the client already has"
              state={state}
              hint="Empty: a key is generated and shown once."
            />
            <Field name="cidr" label="Range" state={state} placeholder="203.0.113.0/24" />
            <Field
              name="agent"
              label="Agent"
              state={state}
              hint="A token of the catalogue, such as GPTBot, or the https URL of a signer."
            />
            <p>
              <Submit tone="primary">Add</Submit>
            </p>
          </PostForm>
        </details>
      ) : null}
    </ListPanel>
  );
}

const KINDS = { api_key: 'key', cidr: 'address range', agent: 'agent' } as const;

function identifierColumns(data: ClientData, may: boolean): ReadonlyArray<Column<IdentifierJson>> {
  const base = `/clients/${encodeURIComponent(data.client.id)}/identifiers`;
  const columns: ReadonlyArray<Column<IdentifierJson>> = [
    { head: 'Kind', cell: ({ kind }) => KINDS[kind] },
    { head: 'Value', cell: ({ agent, cidr, keyHint }) => <code>{agent ?? cidr ?? `…${keyHint}`}</code> },
    { head: 'Since (UTC)', cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      ...{ head: 'Posts in 24 h', field: 'postsLastDay', isFigure: true },
      cell: ({ postsLastDay }) => <Count value={postsLastDay} />,
    },
    {
      ...{ head: 'Share', isFigure: true },
      cell: ({ shareLastDay }) => (shareLastDay === null ? <None /> : percent(shareLastDay)),
    },
    {
      head: 'State',
      cell: ({ revokedAt }) =>
        revokedAt === null ? (
          <Badge tone="good">active</Badge>
        ) : (
          <>
            <Badge tone="quiet">revoked</Badge> <Moment at={revokedAt} />
          </>
        ),
    },
  ];
  if (!may) return columns;
  return [
    ...columns,
    {
      head: 'Actions',
      cell: ({ id, revokedAt }) => (
        <span class="buttons">
          <a href={`${base}/${encodeURIComponent(id)}/move`}>Move</a>
          {revokedAt === null ? <a href={`${base}/${encodeURIComponent(id)}/revoke`}>Revoke</a> : null}
        </span>
      ),
    },
  ];
}

export function NotesPanel({ c, data, sent }: Props) {
  const { notes } = data;
  return (
    <Panel title="Notes">
      {!notes.ok ? (
        <ProblemNotice problem={notes.problem} hasFocus={false} />
      ) : notes.value.items.length === 0 ? (
        <Empty title="No notes" />
      ) : (
        <Timeline
          entries={notes.value.items.map(({ at, author, text }) => ({
            at,
            title: author,
            detail: text.split('\n').map((line) => (
              <p>
                <bdi>{line}</bdi>
              </p>
            )),
          }))}
        />
      )}
      {mayAct(c, 'operator', 'finance') ? (
        <PostForm state={sent('note')}>
          <input type="hidden" name="action" value="note" />
          <Field
            name="text"
            label="New note"
            state={sent('note')}
            lines={3}
            required
            hint="Notes cannot be changed or deleted."
          />
          <p>
            <Submit>Add the note</Submit>
          </p>
        </PostForm>
      ) : null}
    </Panel>
  );
}

const BILLING_LABELS: Readonly<Record<(typeof BILLING_FIELDS)[number], string>> = {
  ...{ legalName: 'Legal name', address: 'Address', email: 'E-mail', taxId: 'Tax id', currency: 'Currency' },
};

export function BillingPanel({ c, data, sent }: Props) {
  const { billing } = data.client;
  const state = sent('billing');
  return (
    <Panel title="Billing details">
      {mayAct(c, 'finance') ? (
        <PostForm state={state}>
          <input type="hidden" name="action" value="billing" />
          {BILLING_FIELDS.map((name) => (
            <Field
              name={name}
              field={`billing.${name}`}
              label={BILLING_LABELS[name]}
              state={state}
              value={billing[name] ?? ''}
              lines={name === 'address' ? 3 : 1}
            />
          ))}
          <p>
            <Submit>Store the billing details</Submit>
          </p>
        </PostForm>
      ) : (
        <Facts facts={BILLING_FIELDS.map((name) => [BILLING_LABELS[name], billing[name] ?? 'missing'])} />
      )}
    </Panel>
  );
}

export function PolicyPanel({ c, data, sent }: Props) {
  const { policy } = data;
  const state = sent('policy');
  const may = mayAct(c, 'operator');
  return (
    <Panel title="Policy and hold">
      {!policy.ok ? (
        <p>No policy: the tariff alone decides.</p>
      ) : (
        <Facts
          facts={[
            ['Action', policy.value.action],
            ['Status', policy.value.status],
            ['Requests a second', policy.value.ratePerSecond],
            ['Reason', policy.value.reason],
            ['Until', policy.value.until === null ? null : <Moment at={policy.value.until} />],
            ['Set by', policy.value.setBy],
          ]}
        />
      )}
      {may ? (
        <>
          <details open={state.problem !== undefined}>
            <summary>Set a policy</summary>
            <PostForm state={state}>
              <input type="hidden" name="action" value="policy" />
              <Field
                name="policy"
                label="Action"
                state={state}
                required
                options={[
                  ['allow', 'Allow: nothing refuses the client'],
                  ['403', 'Refuse with 403'],
                  ['429', 'Refuse with 429'],
                  ['slow', 'Slow down'],
                ]}
              />
              <Field
                name="rate"
                field="ratePerSecond"
                label="Requests a second, to slow down"
                state={state}
                type="number"
              />
              <Field name="policyReason" field="reason" label="Reason of the policy" state={state} required />
              <p>
                <Submit>Set the policy</Submit>
              </p>
            </PostForm>
          </details>
          {policy.ok ? (
            <PostForm state={sent('remove-policy')}>
              <input type="hidden" name="action" value="remove-policy" />
              <p>
                <Submit>Remove the policy</Submit>
              </p>
            </PostForm>
          ) : null}
          <details open={sent('hold').problem !== undefined}>
            <summary>Put billing on hold</summary>
            <PostForm state={sent('hold')}>
              <input type="hidden" name="action" value="hold" />
              <Field
                name="holdReason"
                field="reason"
                label="Reason of the hold"
                state={sent('hold')}
                required
              />
              <p>
                <Submit>Put on hold</Submit>
              </p>
            </PostForm>
          </details>
        </>
      ) : null}
    </Panel>
  );
}
