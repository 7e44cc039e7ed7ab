/** One invoice: what is claimed, on what ground, what can be done with it, and what happened since. */

import type { DocumentListJson } from '../../../admin/routes/documents/document-schemas.ts';
import type {
  InvoiceReadingsJson,
  InvoiceTimelineJson,
  VerificationJson,
} from '../../../admin/routes/invoices/invoice-proof.ts';
import type { InvoiceDetailJson } from '../../../admin/routes/invoices/invoice-schemas.ts';
import { type Answer, api } from '../../api.ts';
import { type ConsolePage, mayAct, type PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Facts, Figure, Figures, Panel } from '../../parts/figure.tsx';
import { InvoiceStanding, invoiceName } from '../../parts/invoice-state.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Count, Moment, Money, None } from '../../parts/value.tsx';
import { DOCUMENTS_DONE, DocumentsPanel } from './documents.tsx';
import { InvoiceTimeline, Lines, Readings, SealPanel } from './panels.tsx';

const DONE = {
  approve: 'The invoice is approved.',
  issue: 'The invoice is issued.',
  reject: 'The draft is rejected.',
  ...DOCUMENTS_DONE,
};

export const invoicePage: ConsolePage = {
  path: '/invoices/:id',
  async get(c) {
    const path = `/v1/invoices/${encodeURIComponent(c.req.param('id') ?? '')}`;
    const isVerified = c.req.query('verify') === 'now';
    const [found, readings, timeline, documents, verification] = await Promise.all([
      api(c).get<InvoiceDetailJson>(path),
      api(c).get<InvoiceReadingsJson>(`${path}/readings`),
      api(c).get<InvoiceTimelineJson>(`${path}/timeline`),
      api(c).get<DocumentListJson>(`${path}/documents`),
      isVerified ? api(c).get<VerificationJson>(`${path}/verification`) : null,
    ]);
    if (!found.ok) return problemPage(c, found.problem);
    const invoice = found.value;
    return page(
      c,
      {
        title: invoiceName(invoice),
        aside: <Aside c={c} invoice={invoice} />,
        live: ['invoices'],
        done: DONE,
      },
      <Body {...{ c, path, invoice, readings, timeline, documents, verification }} />,
    );
  },
};

function Body(props: {
  c: PageContext;
  path: string;
  invoice: InvoiceDetailJson;
  readings: Answer<InvoiceReadingsJson>;
  timeline: Answer<InvoiceTimelineJson>;
  documents: Answer<DocumentListJson>;
  verification: Answer<VerificationJson> | null;
}) {
  const { c, path, invoice, readings, timeline, documents, verification } = props;
  const { clientId, legalName, month, closesAt } = invoice;
  return (
    <>
      <Figures label="The claim">
        <Figure label="Amount" note={amountNote(invoice)}>
          <Money amount={invoice.amount} currency={invoice.currency} api={`${path}#/amount`} />
        </Figure>
        {invoice.balance === null ? null : (
          <Figure label="Open" note={invoice.dueOn === null ? undefined : `due ${invoice.dueOn}`}>
            <Money amount={invoice.balance} currency={invoice.currency} api={`${path}#/balance`} />
          </Figure>
        )}
        <Figure label="Posts billed">
          <Count value={invoice.posts} api={`${path}#/posts`} />
        </Figure>
        <Figure label="Client" note={legalName ?? undefined}>
          <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>
        </Figure>
      </Figures>
      {closesAt === null ? null : (
        <Notice tone="info">
          The amount is so far: it may change until <Moment at={closesAt} /> UTC, when the{' '}
          {month === null ? 'breach' : 'month'} closes, or later if the client continues.
        </Notice>
      )}
      <Obstacles invoice={invoice} />
      <Lines c={c} invoice={invoice} path={path} />
      <div class="columns">
        <BillTo invoice={invoice} />
        <SealPanel c={c} invoice={invoice} verification={verification} />
      </div>
      <DocumentsPanel c={c} invoice={invoice} answer={documents} />
      <Readings c={c} path={path} answer={readings} />
      <InvoiceTimeline answer={timeline} />
    </>
  );
}

function amountNote({ state, status, tax, currency }: InvoiceDetailJson): string | undefined {
  if (state === 'growing') return 'so far';
  return status === 'issued' ? `and ${currency} ${tax} tax` : undefined;
}

/** Actions that the state forbids are disabled; the reasons are below. Those of other roles are absent. */
function Aside({ c, invoice }: { c: PageContext; invoice: InvoiceDetailJson }) {
  const isOpen = invoice.status === 'draft' || invoice.status === 'approved';
  return (
    <>
      <InvoiceStanding of={invoice} />
      {isOpen && mayAct(c, 'finance')
        ? invoice.actions.map(({ name, allowed }) =>
            allowed ? (
              <a
                class="button"
                href={`/invoices/${invoice.id}/${name}`}
                data-api={`/v1/invoices/${invoice.id}/${name}`}
              >
                {LABELS[name]}…
              </a>
            ) : (
              <button type="button" disabled aria-describedby={`why-${name}`}>
                {LABELS[name]}
              </button>
            ),
          )
        : null}
      {invoice.status === 'issued' && invoice.kind !== 'credit_note' ? (
        <a class="button" href={`/invoices/${invoice.id}/claim`}>
          Claim
        </a>
      ) : null}
      {invoice.status === 'issued' ? (
        <a class="button" href={`/v1/invoices/${invoice.id}/evidence`} download>
          Evidence
        </a>
      ) : null}
    </>
  );
}

const LABELS = { approve: 'Approve', reject: 'Reject', issue: 'Issue' } as const;

/** What is in the way of each action of an invoice that is not decided yet. */
function Obstacles({ invoice }: { invoice: InvoiceDetailJson }) {
  const waiting = invoice.actions.filter(({ allowed }) => !allowed);
  if ((invoice.status !== 'draft' && invoice.status !== 'approved') || waiting.length === 0) return null;
  return (
    <Panel title="What is in the way">
      <ul class="reasons">
        {waiting.map(({ name, reason, hint }) => (
          <li id={`why-${name}`}>
            <strong>{LABELS[name]}:</strong> {reason}
            {hint === null ? null : <small> {hint}</small>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function BillTo({ invoice }: { invoice: InvoiceDetailJson }) {
  const { month, from, to, billTo, approvedBy, approvedAt, issuedAt, rejection, correctsId } = invoice;
  const { paymentReference } = invoice;
  return (
    <Panel title="Period, addressee and decisions">
      <Facts
        facts={[
          ['Month', month],
          ['From (UTC)', from === null || month !== null ? null : <Moment at={from} />],
          ['To (UTC)', to === null || month !== null ? null : <Moment at={to} />],
          ['Bill to', billTo === null ? <None>frozen at issue</None> : billTo.legalName],
          ['Address', billTo?.address ?? null],
          ['E-mail', billTo?.email ?? null],
          ['Tax id', billTo?.taxId ?? null],
          ['Approved by', approvedBy],
          ['Approved (UTC)', approvedAt === null ? null : <Moment at={approvedAt} />],
          ['Issued (UTC)', issuedAt === null ? null : <Moment at={issuedAt} />],
          ['Payment reference', paymentReference],
          ['Rejected', rejection === null ? null : `by ${rejection.by}: ${rejection.reason}`],
          ['Corrects', correctsId === null ? null : <a href={`/invoices/${correctsId}`}>another invoice</a>],
        ]}
      />
    </Panel>
  );
}
