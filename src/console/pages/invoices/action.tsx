/** The pages that confirm an action on one invoice and take it: approve, reject, issue. */

import type { InvoiceDetailJson } from '../../../admin/routes/invoices/invoice-schemas.ts';
import { api } from '../../api.ts';
import { type ConsolePage, formOf, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts } from '../../parts/figure.tsx';
import { Confirmation, Field, type FormState, FRESH } from '../../parts/form.tsx';
import { InvoiceAmount, invoiceName } from '../../parts/invoice-state.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Count, Moment, None } from '../../parts/value.tsx';

type Action = InvoiceDetailJson['actions'][number]['name'];

const WORDS = {
  approve: {
    label: 'Approve the invoice',
    what: 'It can then be issued. The approval is dropped if billing changes the amount afterwards.',
  },
  issue: {
    label: 'Issue the invoice',
    what: 'It gets the next number, and its content can never change again. Corrections are supplements and credit notes.',
  },
  reject: {
    label: 'Reject the draft',
    what: 'Billing does not make a draft with this amount and these lines again. If usage or a tariff changes them, a new draft appears.',
  },
} as const;

export const approveInvoicePage = actionPage('approve');
export const issueInvoicePage = actionPage('issue');
export const rejectInvoicePage = actionPage('reject');

function actionPage(action: Action): ConsolePage {
  return {
    path: `/invoices/:id/${action}`,
    get: (c) => confirm(c, action, FRESH),
    async post(c) {
      const values = await formOf(c);
      const body = action === 'reject' ? { reason: values.reason ?? '' } : undefined;
      const answer = await api(c).post<InvoiceDetailJson>(`${pathOf(c)}/${action}`, body);
      if (answer.ok) return seeDone(c, `/invoices/${answer.value.id}`, action);
      return confirm(c, action, { values, problem: answer.problem });
    },
  };
}

function pathOf(c: PageContext): string {
  return `/v1/invoices/${encodeURIComponent(c.req.param('id') ?? '')}`;
}

async function confirm(c: PageContext, action: Action, state: FormState): Promise<Response> {
  const found = await api(c).get<InvoiceDetailJson>(pathOf(c));
  if (!found.ok) return problemPage(c, found.problem);
  const invoice = found.value;
  const { label, what } = WORDS[action];
  const now = invoice.actions.find(({ name }) => name === action);
  const back = `/invoices/${invoice.id}`;
  return page(
    c,
    { title: label, status: state.problem?.status ?? 200 },
    <>
      <Facts
        facts={[
          ['Invoice', <a href={back}>{invoiceName(invoice)}</a>],
          ['Client', `${invoice.clientId}${invoice.legalName === null ? '' : `, ${invoice.legalName}`}`],
          ['Amount', <InvoiceAmount of={invoice} />],
          ['Posts billed', <Count value={invoice.posts} />],
          ['From (UTC)', invoice.from === null ? <None /> : <Moment at={invoice.from} />],
          ['To (UTC)', invoice.to === null ? <None /> : <Moment at={invoice.to} />],
        ]}
      />
      {now === undefined || now.allowed || state.problem !== undefined ? null : (
        <Notice tone="warn" title="This is not possible now">
          <p>
            It {now.reason}: {now.hint}
          </p>
        </Notice>
      )}
      <Confirmation
        state={state}
        label={label}
        back={back}
        tone={action === 'approve' ? 'primary' : 'danger'}
        api={`${pathOf(c)}/${action}`}
      >
        <p>{what}</p>
        {action === 'reject' ? (
          <Field
            name="reason"
            label="Reason"
            state={state}
            required
            hint="It is shown with the draft and in the audit log."
          />
        ) : null}
      </Confirmation>
    </>,
  );
}
