/** The import of a bank's file. The preview shows what each row would pay before anything is recorded. */

import type { PaymentImportJson } from '../../../admin/routes/payments/import.ts';
import { BANK_DATE_FORMATS } from '../../../receivable/read-bank-csv.ts';
import { counted } from '../../../report/counted.ts';
import { type Answer, api } from '../../api.ts';
import { type ConsolePage, formOf, listOf, mayAct, type PageContext } from '../../context.ts';
import { page } from '../../layout.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Money, None } from '../../parts/value.tsx';

type Values = Readonly<Record<string, string>>;

const FORM = 'import';
const MAPPED = ['receivedOn', 'amount', 'payer', 'reference', 'externalId', 'currency'] as const;

export const paymentImportPage: ConsolePage = {
  path: '/payments/import',
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await valuesOf(c);
    const dryRun = values.step !== 'record';
    const answer = await send(c, values, dryRun, await listOf(c, 'row'));
    if (!answer.ok) return render(c, { values, problem: answer.problem });
    return result(c, values, answer.value);
  },
};

/** The fields of the form. A chosen file takes the place of the text. */
async function valuesOf(c: PageContext): Promise<Values> {
  const values = await formOf(c);
  const { file } = await c.req.parseBody();
  return file instanceof File && file.size > 0 ? { ...values, csv: await file.text() } : values;
}

function send(
  c: PageContext,
  values: Values,
  dryRun: boolean,
  rows: readonly string[],
): Promise<Answer<PaymentImportJson>> {
  const {
    csv = '',
    source = '',
    sellerId = 'default',
    defaultCurrency,
    delimiter,
    decimal,
    dateFormat,
  } = values;
  const columns = MAPPED.filter((name) => values[name]).map((name) => [name, values[name]]);
  const formats = { defaultCurrency, delimiter: delimiter === 'tab' ? '\t' : delimiter, decimal, dateFormat };
  const mapping = { ...Object.fromEntries(columns), ...formats };
  return api(c).post('/v1/payments/import', {
    ...{ csv, source, sellerId, mapping, dryRun, confirm: rows.map(Number) },
  });
}

function render(c: PageContext, state: FormState) {
  return page(
    c,
    { title: 'Import payments', status: state.problem?.status ?? 200 },
    mayAct(c, 'finance') ? (
      <ImportForm state={state} />
    ) : (
      <Empty title="Imports need the role finance">
        <p>Ask an admin for a token with it.</p>
      </Empty>
    ),
  );
}

function ImportForm({ state }: { state: FormState }) {
  const column = (name: (typeof MAPPED)[number], label: string, placeholder: string, required = false) => (
    <Field {...{ name, label, placeholder, required, state }} field={`mapping.${name}`} />
  );
  return (
    <PostForm state={state} api="POST /v1/payments/import" class="form card" enctype="multipart/form-data">
      <p>The next page shows what each row pays. Nothing is recorded before.</p>
      <Field name="file" label="CSV file of the bank" state={FRESH} type="file" />
      <Field name="csv" label="Or its text" state={state} lines={6} />
      <div class="fields">
        <Field
          {...{ name: 'source', label: 'Account', state, required: true, placeholder: 'bank usd' }}
          hint="Use the same name for each file of the account, so that a row is recorded once."
        />
        <Field name="sellerId" label="Seller" state={state} value="default" />
      </div>
      <fieldset>
        <legend>Names of the columns</legend>
        <div class="fields">
          {column('receivedOn', 'Date', 'Date', true)}
          {column('amount', 'Amount', 'Amount', true)}
          {column('payer', 'Payer', 'Name')}
          {column('reference', 'Reference', 'Text')}
          {column('externalId', 'Id of the transaction', 'Id')}
          {column('currency', 'Currency', 'Currency')}
        </div>
      </fieldset>
      <div class="fields">
        <Field name="defaultCurrency" label="Currency without a column" state={state} value="USD" />
        <Field
          {...{ name: 'delimiter', label: 'Delimiter', state }}
          options={[
            [',', 'comma'],
            [';', 'semicolon'],
            ['tab', 'tab'],
          ]}
        />
        <Field
          {...{ name: 'decimal', label: 'Decimals', state }}
          options={[
            ['.', '1,000.00'],
            [',', '1.000,00'],
          ]}
        />
        <Field
          {...{ name: 'dateFormat', label: 'Dates', state }}
          options={BANK_DATE_FORMATS.map((format) => [format, format])}
        />
      </div>
      <p class="buttons">
        <Submit tone="primary">Preview</Submit>
        <a href="/payments">Cancel</a>
      </p>
    </PostForm>
  );
}

const OUTCOMES = {
  would_record: 'will be recorded',
  recorded: 'recorded',
  repeated: 'was recorded before',
  left: 'waits',
  failed: 'failed: the book has changed',
} as const;

type Item = PaymentImportJson['items'][number];

const COLUMNS: ReadonlyArray<Column<Item>> = [
  { head: 'Row', isFigure: true, cell: ({ row }) => row },
  { head: 'Received', cell: ({ receivedOn }) => receivedOn },
  { head: 'Payer', cell: ({ payer }) => payer ?? <None /> },
  { head: 'Reference', cell: ({ reference }) => reference ?? <None /> },
  {
    head: 'Amount',
    isFigure: true,
    cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />,
  },
  {
    head: 'Match',
    cell: ({ certainty, by }) => (by === 'none' ? certainty : `${certainty}: ${by.replaceAll('_', ' ')}`),
  },
  {
    head: 'Pays',
    cell: ({ allocations }) =>
      allocations.length === 0 ? (
        <None />
      ) : (
        allocations.map(({ invoiceId, number, amount }) => (
          <>
            <a href={`/invoices/${invoiceId}`}>{number}</a> {amount}{' '}
          </>
        ))
      ),
  },
  {
    head: 'Outcome',
    cell: ({ outcome, paymentId }) =>
      paymentId === null ? OUTCOMES[outcome] : <a href={`/payments/${paymentId}`}>{OUTCOMES[outcome]}</a>,
  },
];

function result(c: PageContext, values: Values, { dryRun, items, ignored, ...counts }: PaymentImportJson) {
  const of = (certainty: string) => items.filter((item) => item.certainty === certainty).length;
  const hidden = Object.entries(values).filter(([name]) => !['row', 'step'].includes(name));
  const said = dryRun
    ? `${of('sure')} sure, ${of('likely')} likely, ${of('unknown')} unknown, ${counts.repeated} recorded before.`
    : `${counts.recorded} recorded, ${counts.repeated} recorded before, ${counts.left} left.`;
  return page(
    c,
    { title: dryRun ? 'Preview of the import' : 'Imported' },
    <>
      <p>
        {counted(items.length, 'row')}: {said}{' '}
        {ignored === 0 ? '' : `${counted(ignored, 'row')} of money that went out is ignored.`}
      </p>
      <DataTable
        {...{ c, caption: 'Rows of the file', rows: items, keyOf: ({ row }: Item) => String(row) }}
        {...(dryRun && { select: { form: FORM, name: 'row', value: ({ row }: Item) => String(row) } })}
        columns={COLUMNS}
      />
      {dryRun ? (
        <PostForm state={FRESH} id={FORM} class="form">
          {[...hidden, ['step', 'record']].map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <p class="hint">
            Sure rows are recorded. Choose the others that you confirm; a row without a match stays
            unallocated.
          </p>
          <p class="buttons">
            <Submit tone="primary">Record</Submit>
            <a href="/payments/import">Start again</a>
          </p>
        </PostForm>
      ) : (
        <p>
          <a href="/payments">All payments</a>
        </p>
      )}
    </>,
  );
}
