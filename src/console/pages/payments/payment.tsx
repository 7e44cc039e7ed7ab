/** The page of one payment: what it pays, what is left, and the forms that allocate, refund and reverse. */

import type { PaymentDetailJson } from '../../../admin/routes/payments/payment-schemas.ts';
import { type Answer, api } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts, Figure, Figures, Panel } from '../../parts/figure.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { DataTable } from '../../parts/table.tsx';
import { Moment, Money, None } from '../../parts/value.tsx';

const DONE = {
  recorded: 'The payment is recorded.',
  allocated: 'The payment is allocated.',
  refunded: 'The refund is recorded.',
  reversed: 'The entry is reversed.',
};

type Values = Readonly<Record<string, string>>;
type Sent = { readonly action: string; readonly state: FormState };

export const paymentPage: ConsolePage = {
  path: '/payments/:id',
  get: (c) => render(c, null),

  async post(c) {
    const { action = '', ...values } = await formOf(c);
    const id = c.req.param('id') ?? '';
    const answer = await act(c, id, action, values);
    if (!answer.ok) return render(c, { action, state: { values, problem: answer.problem } });
    const done = action === 'allocate' ? 'allocated' : action === 'refund' ? 'refunded' : 'reversed';
    return seeDone(c, `/payments/${id}`, done);
  },
};

function act(c: PageContext, id: string, action: string, values: Values): Promise<Answer<unknown>> {
  const { amount, reason, entryId } = values;
  if (action === 'reverse') {
    return api(c).post(`/v1/entries/${encodeURIComponent(entryId ?? '')}/reverse`, { reason });
  }
  const path = `/v1/payments/${encodeURIComponent(id)}`;
  if (action === 'refund') return api(c).post(`${path}/refunds`, { amount, reason });
  // A field for each open invoice; those that are empty or 0 get nothing.
  const allocations = Object.entries(values).flatMap(([name, given]) =>
    name.startsWith('to-') && /[1-9]/.test(given) ? [{ invoiceId: name.slice(3), amount: given.trim() }] : [],
  );
  return api(c).post(`${path}/allocations`, { allocations });
}

async function render(c: PageContext, sent: Sent | null) {
  const path = `/v1/payments/${encodeURIComponent(c.req.param('id') ?? '')}`;
  const read = await api(c).get<PaymentDetailJson>(path);
  if (!read.ok) return problemPage(c, read.problem);
  const payment = read.value;
  const { amount, allocated, refunded, left, currency, receivedOn } = payment;
  const stateOf = (action: string) => (sent?.action === action ? sent.state : FRESH);
  const hasLeft = /[1-9]/.test(left);
  return page(
    c,
    { title: `Payment of ${receivedOn}`, done: DONE, status: sent?.state.problem?.status ?? 200 },
    <>
      <Figures label="Amounts">
        {(
          [
            ['Amount', amount, 'amount'],
            ['Allocated', allocated, 'allocated'],
            ['Refunded', refunded, 'refunded'],
            ['Left', left, 'left'],
          ] as const
        ).map(([label, figure, field]) => (
          <Figure label={label}>
            <Money amount={figure} currency={currency} api={`${path}#/${field}`} />
          </Figure>
        ))}
      </Figures>
      <FactsOf payment={payment} />
      {hasLeft && mayAct(c, 'finance') ? (
        <AllocatePanel payment={payment} state={stateOf('allocate')} />
      ) : null}
      <EntriesPanel c={c} payment={payment} state={stateOf('reverse')} />
      {hasLeft && mayAct(c, 'finance') ? <RefundPanel payment={payment} state={stateOf('refund')} /> : null}
    </>,
  );
}

function FactsOf({ payment }: { payment: PaymentDetailJson }) {
  const { clientId, payer, reference, method, source, externalId, note, sellerId, at, actor } = payment;
  return (
    <Facts
      facts={[
        [
          'Client',
          clientId === null ? (
            <None>not known</None>
          ) : (
            <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>
          ),
        ],
        ['Payer', payer],
        ['Reference', reference],
        ['Method', method],
        ['Seller', sellerId],
        ['Source', externalId === null ? source : `${source}, ${externalId}`],
        ['Note', note],
        ['Recorded', <Moment at={at} />],
        ['Recorded by', actor],
      ]}
    />
  );
}

function AllocatePanel({ payment, state }: { payment: PaymentDetailJson; state: FormState }) {
  const { proposal, currency, left } = payment;
  return (
    <Panel title="Allocate" id="allocate">
      {proposal.length === 0 ? (
        <Empty title={`No invoice in ${currency} is open`}>
          <p>What is left stays the balance of the client.</p>
        </Empty>
      ) : (
        <PostForm state={state} api="POST /v1/payments/{paymentId}/allocations">
          <p class="hint">
            {left} {currency} is left. The oldest debts are proposed first; change the amounts as you need.
          </p>
          <input type="hidden" name="action" value="allocate" />
          <div class="fields">
            {proposal.map(({ invoiceId, number, clientId, dueOn, balance, amount }) => (
              <Field
                name={`to-${invoiceId}`}
                label={`Invoice ${number} of ${clientId}`}
                state={state}
                value={amount}
                inputmode="decimal"
                hint={`${balance} ${currency} is owed, due on ${dueOn}`}
              />
            ))}
          </div>
          <Submit tone="primary">Allocate</Submit>
        </PostForm>
      )}
    </Panel>
  );
}

function EntriesPanel(props: { c: PageContext; payment: PaymentDetailJson; state: FormState }) {
  const { c, payment, state } = props;
  const { entries, refunds, currency } = payment;
  const open = entries.filter(({ kind, reversedById }) => kind === 'payment' && reversedById === null);
  return (
    <Panel title="Entries" id="entries">
      {entries.length + refunds.length === 0 ? (
        <Empty title="Nothing is allocated or refunded" />
      ) : (
        <DataTable
          c={c}
          caption="In the order of writing"
          rows={[
            ...entries.map(({ id, kind, invoiceId, number, effectiveOn, amount, reason, reversedById }) => ({
              ...{ key: `entry ${id}`, on: effectiveOn, amount, reason, invoiceId, number },
              kind: reversedById === null ? kind : `${kind}, reversed`,
            })),
            ...refunds.map(({ id, paidOn, amount, reason }) => ({
              ...{ key: id, kind: 'refund', on: paidOn, amount, reason, invoiceId: null, number: null },
            })),
          ]}
          columns={[
            { head: 'Date', cell: ({ on }) => on },
            { head: 'Kind', cell: ({ kind }) => kind },
            {
              head: 'Invoice',
              cell: ({ invoiceId, number }) =>
                invoiceId === null ? <None /> : <a href={`/invoices/${invoiceId}`}>{number}</a>,
            },
            {
              head: 'Amount',
              isFigure: true,
              cell: ({ amount }) => <Money amount={amount} currency={currency} />,
            },
            { head: 'Reason', cell: ({ reason }) => reason ?? <None /> },
          ]}
        />
      )}
      {open.length === 0 || !mayAct(c, 'finance') ? null : (
        <PostForm state={state} api="POST /v1/entries/{entryId}/reverse">
          <input type="hidden" name="action" value="reverse" />
          <div class="fields">
            <Field
              name="entryId"
              label="Reverse the entry"
              state={state}
              required
              options={open.map(({ id, number, amount }) => [String(id), `${amount} on invoice ${number}`])}
            />
            <Field name="reason" label="Reason" state={state} required id="field-reverse-reason" />
          </div>
          <Submit tone="danger">Reverse</Submit>
        </PostForm>
      )}
    </Panel>
  );
}

function RefundPanel({ payment, state }: { payment: PaymentDetailJson; state: FormState }) {
  return (
    <Panel title="Refund" id="refund">
      <PostForm state={state} api="POST /v1/payments/{paymentId}/refunds">
        <input type="hidden" name="action" value="refund" />
        <div class="fields">
          <Field
            name="amount"
            label="Amount"
            state={state}
            required
            value={payment.left}
            inputmode="decimal"
          />
          <Field name="reason" label="Reason" state={state} required id="field-refund-reason" />
        </div>
        <p class="hint">Records that the money went back. Nothing is transferred. A refund is final.</p>
        <Submit tone="danger">Record the refund</Submit>
      </PostForm>
    </Panel>
  );
}
