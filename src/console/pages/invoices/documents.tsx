/** The documents of an invoice on its page: what is made, missing and sent; and the pages that make and send them. */

import type {
  DocumentJson,
  DocumentListJson,
  SentJson,
} from '../../../admin/routes/documents/document-schemas.ts';
import type { InvoiceDetailJson } from '../../../admin/routes/invoices/invoice-schemas.ts';
import { DOCUMENT_FORMATS } from '../../../document/kind.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { type Answer, api } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Confirmation, Field, type FormState, FRESH } from '../../parts/form.tsx';
import { invoiceName } from '../../parts/invoice-state.tsx';
import { Notice, ProblemNotice } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, Moment } from '../../parts/value.tsx';

export function DocumentsPanel(props: {
  c: PageContext;
  invoice: InvoiceDetailJson;
  answer: Answer<DocumentListJson>;
}) {
  const { c, invoice, answer } = props;
  const path = `/v1/invoices/${invoice.id}/documents`;
  if (!answer.ok) {
    return (
      <Panel title="Documents" id="documents">
        <ProblemNotice problem={answer.problem} hasFocus={false} />
      </Panel>
    );
  }
  const { items, missing, sendings } = answer.value;
  return (
    <Panel title="Documents" id="documents" aside={<Actions c={c} invoice={invoice} />}>
      {items.length === 0 ? null : (
        <DataTable c={c} caption="Documents" columns={columnsOf(path)} rows={items} api={path} />
      )}
      {missing.map(({ format, language, copy, failure }) =>
        failure === null ? (
          <p>
            {format} in {language}, copy {copy}: it is made after the next billing run.
          </p>
        ) : (
          <Notice tone="bad" title={`${format} in ${language}, copy ${copy}, cannot be made`}>
            {failure.detail}{' '}
            <small>
              Tried <Moment at={failure.at} /> UTC; it is tried again every six hours.
            </small>
          </Notice>
        ),
      )}
      {items.length + missing.length > 0 ? null : (
        <p>
          {invoice.status === 'issued' ? 'The invoice is older than documents.' : 'No letter has been made.'}
        </p>
      )}
      {sendings.length === 0 ? null : (
        <DataTable
          c={c}
          caption="Sent"
          columns={sentColumns(items)}
          rows={sendings}
          api={`${path}#/sendings`}
        />
      )}
    </Panel>
  );
}

function Actions({ c, invoice: { id, status } }: { c: PageContext; invoice: InvoiceDetailJson }) {
  const isDraft = status === 'draft' || status === 'approved';
  const isFinance = mayAct(c, 'finance');
  return (
    <>
      {isDraft ? <a href={`/v1/invoices/${id}/preview`}>Preview</a> : null}{' '}
      {isDraft && isFinance ? <a href={`/invoices/${id}/letters`}>Letter before action…</a> : null}{' '}
      {status === 'issued' && mayAct(c, 'finance', 'admin') ? (
        <a href={`/invoices/${id}/documents`}>Make another…</a>
      ) : null}{' '}
      {status === 'issued' && isFinance ? <a href={`/invoices/${id}/send`}>Send…</a> : null}
    </>
  );
}

function columnsOf(path: string): ReadonlyArray<Column<DocumentJson>> {
  return [
    { head: 'File', cell: ({ id, fileName }) => <a href={`${path}/${id}`}>{fileName}</a> },
    { head: 'Kind', cell: ({ kind }) => kind, field: 'kind' },
    { head: 'Format', cell: ({ format }) => format, field: 'format' },
    { head: 'Language', cell: ({ language }) => language, field: 'language' },
    { head: 'Copy', cell: ({ copy }) => <Count value={copy} />, isFigure: true },
    { head: 'Bytes', cell: ({ size }) => <Count value={size} />, isFigure: true },
    { head: 'SHA-256', cell: ({ sha256 }) => <code title={sha256}>{sha256.slice(0, 12)}</code> },
    {
      head: 'Made (UTC)',
      cell: ({ madeAt, madeBy }) => (
        <>
          <Moment at={madeAt} /> by {madeBy}
        </>
      ),
    },
  ];
}

function sentColumns(items: readonly DocumentJson[]): ReadonlyArray<Column<SentJson['items'][number]>> {
  return [
    { head: 'At (UTC)', cell: ({ at }) => <Moment at={at} /> },
    {
      head: 'File',
      cell: (one) => items.find(({ id }) => id === one.documentId)?.fileName ?? one.documentId,
    },
    { head: 'To', cell: ({ channel, address }) => `${address} (${channel})` },
    {
      head: 'Outcome',
      cell: ({ outcome, status, detail }) => (
        <>
          <Badge tone={outcome === 'sent' ? 'good' : 'bad'}>{outcome}</Badge> {status}{' '}
          {outcome === 'sent' ? null : <small>{detail}</small>}
        </>
      ),
    },
    { head: 'By', cell: ({ actor }) => actor },
  ];
}

const languages = LANGUAGES.map((one) => [one, one] as const);
const LANGUAGE = {
  name: 'language',
  label: 'Language',
  options: [['', 'that of the client'], ...languages] as ReadonlyArray<readonly [string, string]>,
};

export const makeDocumentPage = formPage('documents', 'Make a document', (state) => (
  <>
    <p>A document that was made before stays as it is.</p>
    <Field
      name="format"
      label="Format"
      state={state}
      options={DOCUMENT_FORMATS.map((one) => [one, one])}
      required
    />
    <Field {...LANGUAGE} state={state} />
    <Field
      name="copy"
      label="Copy"
      state={state}
      inputmode="numeric"
      hint="1: the buyer's; then the co-debtors'."
    />
  </>
));

export const sendDocumentsPage = formPage('send', 'Send the invoice', (state) => (
  <>
    <p>Each debtor gets its own copy of the PDF by mail. Each attempt is recorded with its outcome.</p>
    <Field
      name="address"
      label="Address"
      type="email"
      state={state}
      hint="Empty: the address of each debtor. With an address, the buyer's copy goes to it alone."
    />
  </>
));

export const makeLettersPage = formPage('letters', 'Letter before action', (state) => (
  <>
    <p>
      The letter states the claim of the draft as it is now, and demands payment. It is not an invoice and has
      no number. Each debtor gets a copy; the copies are listed with the documents of the draft.
    </p>
    <Field {...LANGUAGE} state={state} />
    <Field
      name="answerBy"
      label="Answer by"
      type="date"
      state={state}
      hint="UTC date. Empty: after the terms of payment."
    />
  </>
));

/** What was done, by the action of the page, as `done` of the invoice's page names it. */
export const DOCUMENTS_DONE = {
  documents: 'The document is made.',
  send: 'The attempts to send are recorded below.',
  letters: 'The letters are made: see the documents of the draft.',
};

/** The fields are those of the body of `POST /v1/invoices/ID/{action}`. Empty ones are left out. */
function formPage(
  action: keyof typeof DOCUMENTS_DONE,
  label: string,
  fields: (state: FormState) => ReturnType<typeof Field>,
): ConsolePage {
  const show = async (c: PageContext, state: FormState): Promise<Response> => {
    const path = `/v1/invoices/${encodeURIComponent(c.req.param('id') ?? '')}`;
    const found = await api(c).get<InvoiceDetailJson>(path);
    if (!found.ok) return problemPage(c, found.problem);
    const back = `/invoices/${found.value.id}`;
    return page(
      c,
      { title: label, status: state.problem?.status ?? 200 },
      <>
        <p>
          <a href={back}>{invoiceName(found.value)}</a> of {found.value.clientId}
        </p>
        <Confirmation state={state} label={label} back={back} api={`${path}/${action}`}>
          {fields(state)}
        </Confirmation>
      </>,
    );
  };
  return {
    path: `/invoices/:id/${action}`,
    get: (c) => show(c, FRESH),
    async post(c) {
      const values = await formOf(c);
      const id = encodeURIComponent(c.req.param('id') ?? '');
      const given = Object.entries(values).filter(([, value]) => value !== '');
      const body = given.map(([name, value]) => [name, name === 'copy' ? Number(value) : value] as const);
      const fixed = action === 'send' ? { channel: 'mail' } : {};
      const answer = await api(c).post(`/v1/invoices/${id}/${action}`, {
        ...Object.fromEntries(body),
        ...fixed,
      });
      if (answer.ok) return seeDone(c, `/invoices/${id}`, action);
      return show(c, { values, problem: answer.problem });
    },
  };
}
