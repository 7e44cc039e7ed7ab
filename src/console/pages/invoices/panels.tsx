/** The parts of an invoice's page: its lines, its seal, other readings of the clause, and its timeline. */

import type {
  InvoiceReadingsJson,
  InvoiceTimelineJson,
  VerificationJson,
} from '../../../admin/routes/invoices/invoice-proof.ts';
import type { InvoiceDetailJson } from '../../../admin/routes/invoices/invoice-schemas.ts';
import type { Answer } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import { Badge } from '../../parts/badge.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Notice, ProblemNotice } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { Count, Moment, Money, None } from '../../parts/value.tsx';

export function Lines(props: { c: PageContext; invoice: InvoiceDetailJson; path: string }) {
  const { c, invoice, path } = props;
  const { currency } = invoice;
  type Line = InvoiceDetailJson['lines'][number];
  const columns: ReadonlyArray<Column<Line>> = [
    {
      head: 'Line',
      cell: ({ description, from, to, offsetsInvoiceId }) => (
        <p class="text">
          {description}
          {offsetsInvoiceId === null ? null : (
            <>
              {' '}
              <a href={`/invoices/${offsetsInvoiceId}`}>see it</a>
            </>
          )}
          <small>
            {' '}
            <Moment at={from} /> to <Moment at={to} /> UTC
          </small>
        </p>
      ),
    },
    { head: 'Posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
    {
      head: 'Price',
      isFigure: true,
      cell: ({ kind, price, block, rounding }) =>
        kind === 'offset' ? (
          <None />
        ) : (
          <>
            <Money amount={price} currency={currency} />{' '}
            <small>
              per {block.toLocaleString('en')}, {rounding}
            </small>
          </>
        ),
    },
    {
      head: 'Peak',
      isFigure: true,
      cell: ({ peakPosts, peakAt, threshold }) =>
        peakPosts === null ? (
          <None />
        ) : (
          <>
            <Count value={peakPosts} />
            {threshold === null ? null : <small> of {threshold.toLocaleString('en')}</small>}{' '}
            <Moment at={peakAt} />
          </>
        ),
    },
    { head: 'Amount', isFigure: true, cell: ({ amount }) => <Money amount={amount} currency={currency} /> },
  ];
  return <DataTable c={c} caption="Lines" columns={columns} rows={invoice.lines} api={`${path}#/lines`} />;
}

export function Readings(props: { c: PageContext; path: string; answer: Answer<InvoiceReadingsJson> }) {
  const { c, path, answer } = props;
  if (!answer.ok) {
    return (
      <Panel title="Other readings of the clause">
        <ProblemNotice problem={answer.problem} hasFocus={false} />
      </Panel>
    );
  }
  const { currency, isFinal, readings } = answer.value;
  type Reading = InvoiceReadingsJson['readings'][number];
  const columns: ReadonlyArray<Column<Reading>> = [
    {
      head: 'Reading',
      field: 'sentence',
      cell: ({ sentence, isUsed }) => (
        <>
          {sentence} {isUsed ? <Badge tone="info">as billed</Badge> : null}
        </>
      ),
    },
    { head: 'Posts', field: 'posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
    {
      head: 'Amount',
      field: 'amount',
      isFigure: true,
      cell: ({ amount }) => <Money amount={amount} currency={currency} />,
    },
  ];
  return (
    <Panel title="Other readings of the clause">
      <p>
        The same usage under other readings, for the whole breach or month, before earlier invoices are
        deducted
        {isFinal ? '.' : '. The draft may still grow.'}
      </p>
      <DataTable
        c={c}
        caption="Each changes one thing"
        columns={columns}
        rows={readings}
        api={`${path}/readings#/readings`}
      />
    </Panel>
  );
}

export function SealPanel(props: {
  c: PageContext;
  invoice: InvoiceDetailJson;
  verification: Answer<VerificationJson> | null;
}) {
  const { c, invoice, verification } = props;
  if (invoice.status !== 'issued') {
    return (
      <Panel title="Seal">
        <p>
          The hashes of the content and of the usage are set at issue. Until then billing recomputes the draft
          whenever its usage changes.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Seal" id="seal">
      <Facts
        facts={[
          ['Content', invoice.contentHash === null ? <None /> : <code>{invoice.contentHash}</code>],
          ['Usage', invoice.usageHash === null ? <None /> : <code>{invoice.usageHash}</code>],
        ]}
      />
      {verification === null ? null : <Verified c={c} answer={verification} />}
      <p>
        <a
          class="button"
          href={`/invoices/${invoice.id}?verify=now#seal`}
          data-api={`/v1/invoices/${invoice.id}/verification`}
        >
          Verify now
        </a>
      </p>
      <p class="hint">
        The signed file of evidence: <code>postmeter evidence {invoice.displayNumber} --key signing.pem</code>
      </p>
    </Panel>
  );
}

function Verified({ c, answer }: { c: PageContext; answer: Answer<VerificationJson> }) {
  if (!answer.ok) return <ProblemNotice problem={answer.problem} />;
  const { findings, verifiedAt, isSealed } = answer.value;
  if (findings.length === 0) {
    return (
      <Notice tone="good" hasFocus>
        {isSealed
          ? 'The invoice follows from the chained usage, post by post.'
          : 'It was issued before invoices had seals. Its lines and its row in the audit log agree.'}{' '}
        <small>
          Verified <Moment at={verifiedAt} seconds /> UTC.
        </small>
      </Notice>
    );
  }
  const columns: ReadonlyArray<Column<VerificationJson['findings'][number]>> = [
    { head: 'Code', cell: ({ code }) => <code>{code}</code> },
    { head: 'Subject', cell: ({ subject }) => subject },
    { head: 'Expected', cell: ({ expected }) => expected },
    { head: 'Found', cell: ({ found }) => found },
  ];
  return (
    <>
      <Notice tone="bad" hasFocus title={`${findings.length} differences`}>
        The ledger no longer agrees with the invoice. Do not send it, and run <code>postmeter verify</code>.
      </Notice>
      <DataTable c={c} caption="Differences" columns={columns} rows={findings} />
    </>
  );
}

const SENTENCES: Readonly<Record<string, string>> = {
  breach_began: 'The first post of the breach',
  peak: 'Peak of the total',
  breach_ended: 'The last post of the breach',
  month_began: 'The month began',
  month_ended: 'The month ended',
  drafted: 'Draft made',
  closes: 'Closes',
  closed: 'Closed',
  approved: 'Approved',
  approval_dropped: 'Approval dropped',
  rejected: 'Rejected',
  voided: 'Void',
  issued: 'Issued',
  corrected: 'A person corrected it',
  reminded: 'Reminded',
  written_off: 'Written off',
  dispute_opened: 'Disputed',
  dispute_answered: 'The dispute was answered',
  dispute_resolved: 'The dispute was resolved',
  entry_reversed: 'An entry was reversed',
  proposal_made: 'An action was proposed',
  proposal_alone: 'Taken by a lone person',
  correction_drafted: 'A correction was drafted',
  correction_issued: 'A correction was issued',
};

export function InvoiceTimeline({ answer }: { answer: Answer<InvoiceTimelineJson> }) {
  if (!answer.ok) {
    return (
      <Panel title="Timeline">
        <ProblemNotice problem={answer.problem} hasFocus={false} />
      </Panel>
    );
  }
  return (
    <Panel title="Timeline (UTC)">
      <Timeline
        entries={answer.value.items.map(
          ({ at, kind, actor, reason, number, invoiceId, posts, isPlanned }) => ({
            at,
            title: (
              <>
                {SENTENCES[kind] ?? kind}
                {number === null ? '' : ` as number ${number}`}
                {posts === null ? '' : `: ${posts.toLocaleString('en')} posts`}{' '}
                {isPlanned ? <Badge tone="quiet">planned</Badge> : null}
              </>
            ),
            ...(actor !== null && { by: actor }),
            detail: (
              <>
                {reason}
                {invoiceId === null ? null : <a href={`/invoices/${invoiceId}`}> see the other invoice</a>}
              </>
            ),
          }),
        )}
      />
    </Panel>
  );
}
