/** What belongs to a seller, as panels of its page: bank accounts, number series, tax rules, levels of dunning. */

import type { Child } from 'hono/jsx';
import { LANGUAGES } from '../../../seller/language.ts';
import { BUYER_SCOPES, CLAIM_KINDS, TAX_CATEGORIES } from '../../../seller/model.ts';
import type { Answer, PageOf } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import { Badge } from '../../parts/badge.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Checkbox, Field, type FormState, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, ProblemNotice } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Moment, None } from '../../parts/value.tsx';
import type { BankAccountJson, NumberSeriesJson, SellerParts, TaxRuleJson } from './data.ts';

export function BanksPanel({ c, data, sent, may }: SellerParts) {
  const state = sent('bank');
  return (
    <List
      {...{ c, title: 'Bank accounts', answer: data.banks, api: `${data.path}/bank-accounts?limit=100` }}
      empty="No bank account: documents do not say where to pay"
      columns={may ? [...BANK_COLUMNS, bankActions(sent)] : BANK_COLUMNS}
      keyOf={({ id }) => id}
    >
      {may ? (
        <Folded state={state} title="Add a bank account">
          <input type="hidden" name="action" value="bank" />
          <p>
            With a second person this is a <a href="/proposals">proposal</a>, which the other person decides.
          </p>
          <Field name="currency" label="Currency" state={state} required placeholder="EUR" />
          <Field name="holder" label="Holder" state={state} required value={data.seller.legalName ?? ''} />
          <Field name="iban" label="IBAN" state={state} />
          <Field name="bic" label="BIC" state={state} />
          <Field name="accountNumber" label="Account number" state={state} hint="Without an IBAN." />
          <Field name="routingNumber" label="Routing number" state={state} />
          <Field name="bankName" label="Bank" state={state} />
          <Checkbox
            name="isDefault"
            label="Later documents in the currency name it"
            state={state}
            isChecked
          />
          <Field name="reason" label="Reason" state={state} required />
          <p>
            <Submit tone="primary">Add the account</Submit>
          </p>
        </Folded>
      ) : null}
    </List>
  );
}

const BANK_COLUMNS: ReadonlyArray<Column<BankAccountJson>> = [
  { head: 'Currency', field: 'currency', cell: ({ currency }) => currency },
  { head: 'Holder', field: 'holder', cell: ({ holder }) => holder },
  {
    head: 'Account',
    cell: ({ iban, accountNumber, routingNumber }) => (
      <code>{iban ?? `${accountNumber} (routing ${routingNumber})`}</code>
    ),
  },
  { head: 'BIC', field: 'bic', cell: ({ bic }) => bic ?? <None /> },
  { head: 'Added (UTC)', field: 'createdAt', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  { head: 'By', field: 'createdBy', cell: ({ createdBy }) => createdBy },
  {
    head: 'State',
    cell: ({ isDefault, archivedAt }) => {
      if (archivedAt !== null) return <Badge tone="quiet">archived</Badge>;
      return isDefault ? <Badge tone="good">default</Badge> : 'in use';
    },
  },
];

function bankActions(sent: SellerParts['sent']): Column<BankAccountJson> {
  return {
    head: 'Action',
    cell: ({ id, isDefault, archivedAt, iban, accountNumber }) =>
      archivedAt !== null ? null : (
        <PostForm state={sent('bank-archive')} class="form inline">
          <input type="hidden" name="account" value={id} />
          <Field
            name="accountReason"
            id={`why-${id}`}
            field="reason"
            label={`Reason (${iban ?? accountNumber})`}
            state={{ values: {} }}
            required
          />
          {isDefault ? null : (
            <Submit name="action" value="bank-default">
              Make default
            </Submit>
          )}
          <Submit name="action" value="bank-archive">
            Archive
          </Submit>
        </PostForm>
      ),
  };
}

export function SeriesPanel({ c, data, sent, may }: SellerParts) {
  const state = sent('series');
  return (
    <List
      {...{ c, title: 'Number series', answer: data.series, api: `${data.path}/series` }}
      empty="No series: the seller cannot issue"
      columns={may ? [...SERIES_COLUMNS, seriesActions(sent)] : SERIES_COLUMNS}
      keyOf={({ series }) => series}
    >
      {may ? (
        <Folded state={state} title="Add a series">
          <input type="hidden" name="action" value="series" />
          <Field name="series" label="Name" state={state} required />
          <fieldset>
            <legend>Kinds</legend>
            <Checkbox name="invoice" label="Invoices" state={state} />
            <Checkbox name="supplement" label="Supplements" state={state} />
            <Checkbox name="credit_note" label="Credit notes" state={state} />
          </fieldset>
          <Field name="prefix" label="Prefix" state={state} hint="At most 12 characters of ASCII." />
          <Field
            name="width"
            label="Digits"
            state={state}
            type="number"
            hint="0: as many as the number has."
          />
          <Checkbox name="isYearly" label="Starts at 1 in each year" state={state} />
          <p>
            <Submit tone="primary">Add the series</Submit>
          </p>
        </Folded>
      ) : null}
    </List>
  );
}

const SERIES_COLUMNS: ReadonlyArray<Column<NumberSeriesJson>> = [
  { head: 'Series', field: 'series', cell: ({ series }) => series },
  { head: 'Kinds', cell: ({ kinds }) => kinds.join(', ').replaceAll('_', ' ') },
  {
    head: 'Example',
    cell: ({ prefix, width, isYearly }) => (
      <code>{`${prefix}${isYearly ? '2026-' : ''}${'1'.padStart(width, '0')}`}</code>
    ),
  },
  { head: 'Has given numbers', cell: ({ isUsed }) => (isUsed ? 'yes' : 'no') },
  {
    head: 'State',
    cell: ({ archivedAt }) =>
      archivedAt === null ? <Badge tone="good">in use</Badge> : <Badge tone="quiet">archived</Badge>,
  },
];

function seriesActions(sent: SellerParts['sent']): Column<NumberSeriesJson> {
  return {
    head: 'Action',
    cell: ({ series, archivedAt }) =>
      archivedAt !== null ? null : (
        <PostForm state={sent('series-archive')} class="form inline">
          <input type="hidden" name="action" value="series-archive" />
          <input type="hidden" name="series" value={series} />
          <Field
            name="seriesReason"
            id={`why-${series}`}
            field="reason"
            label={`Reason (${series})`}
            state={{ values: {} }}
            required
          />
          <Submit>Archive</Submit>
        </PostForm>
      ),
  };
}

export function TaxesPanel({ c, data, sent, may }: SellerParts) {
  const state = sent('tax');
  const choices = (names: readonly string[]) => names.map((name) => [name, name] as const);
  return (
    <List
      {...{ c, title: 'Tax rules', answer: data.taxes, api: `${data.path}/tax-rules` }}
      empty="No tax rule: the seller cannot issue"
      columns={TAX_COLUMNS}
      keyOf={({ id }) => id}
    >
      {may ? (
        <Folded state={state} title="Add a tax rule">
          <input type="hidden" name="action" value="tax" />
          <Field {...{ name: 'appliesTo', label: 'Claims', state }} required options={choices(CLAIM_KINDS)} />
          <Field
            {...{ name: 'buyerScope', label: 'Buyers', state }}
            required
            options={choices(BUYER_SCOPES)}
          />
          <Field
            {...{ name: 'category', label: 'Category', state }}
            required
            options={choices(TAX_CATEGORIES)}
            hint="O: not subject to VAT. S: standard rate. Z: zero rate. E: exempt. AE: reverse charge. G: export. K: intra-community."
          />
          <Field {...{ name: 'rate', label: 'Rate in percent', state }} field="rateBp" inputmode="decimal" />
          <Field {...{ name: 'exemptionCode', label: 'Exemption code', state }} placeholder="VATEX-EU-O" />
          {LANGUAGES.map((language) => (
            <Field
              {...{ name: `reason.${language}`, label: `Reason why no tax is charged (${language})`, state }}
              {...(language === 'en' ? { field: 'reason' } : {})}
            />
          ))}
          <Field {...{ name: 'validFrom', label: 'Valid from (UTC)', state }} type="datetime-local" />
          <p>
            <Submit tone="primary">Add the rule</Submit>
          </p>
        </Folded>
      ) : null}
    </List>
  );
}

const TAX_COLUMNS: ReadonlyArray<Column<TaxRuleJson>> = [
  { head: 'Claims', field: 'appliesTo', cell: ({ appliesTo }) => appliesTo },
  { head: 'Buyers', field: 'buyerScope', cell: ({ buyerScope }) => buyerScope },
  { head: 'Category', field: 'category', cell: ({ category }) => category },
  { head: 'Rate', isFigure: true, cell: ({ rateBp }) => `${(rateBp / 100).toFixed(2)} %` },
  { head: 'Exemption', field: 'exemptionCode', cell: ({ exemptionCode }) => exemptionCode ?? <None /> },
  { head: 'Reason', cell: ({ reason }) => reason.en ?? <None /> },
  { head: 'Valid from (UTC)', field: 'validFrom', cell: ({ validFrom }) => <Moment at={validFrom} /> },
  { head: 'By', field: 'createdBy', cell: ({ createdBy }) => createdBy },
];

export function DunningPanel({ data: { dunning }, sent, may }: SellerParts) {
  const state = sent('dunning');
  if (!dunning.ok) return <ProblemNotice problem={dunning.problem} hasFocus={false} />;
  const { levels, isOwn } = dunning.value;
  const value = levels.map(({ level: _, ...rest }) => rest);
  return (
    <Panel title="Dunning">
      <ol>
        {levels.map(({ daysAfterDue, isAutomatic, title }) => (
          <li>
            {daysAfterDue} days after the due date, {isAutomatic ? 'by itself' : 'by a person'}
            {title.en === undefined ? '' : `: ${title.en}`}
          </li>
        ))}
      </ol>
      <p>{isOwn ? 'These levels are of this seller.' : "These are the product's levels."}</p>
      {may ? (
        <Folded state={state} title="Change the levels">
          <input type="hidden" name="action" value="dunning" />
          <Field
            {...{ name: 'levels', label: 'Levels', state }}
            lines={12}
            value={JSON.stringify(value, null, 2)}
            hint="JSON, in order. Title and text by language: en, de, fr, es. Empty: the product's levels."
          />
          <p>
            <Submit>Store the levels</Submit>
          </p>
        </Folded>
      ) : null}
    </Panel>
  );
}

function Folded({ state, title, children }: { state: FormState; title: string; children: Child }) {
  return (
    <details open={state.problem !== undefined}>
      <summary>{title}</summary>
      <PostForm state={state}>{children}</PostForm>
    </details>
  );
}

/** A list in a panel: its table, why it is empty, or what is wrong. */
function List<Row>(props: {
  c: PageContext;
  title: string;
  answer: Answer<PageOf<Row>>;
  api: string;
  empty: string;
  columns: ReadonlyArray<Column<Row>>;
  keyOf: (row: Row) => string;
  children?: Child;
}) {
  const { c, title, answer, api, empty, columns, keyOf, children } = props;
  return (
    <Panel title={title}>
      {!answer.ok ? (
        <ProblemNotice problem={answer.problem} hasFocus={false} />
      ) : answer.value.items.length === 0 ? (
        <Empty title={empty} />
      ) : (
        <DataTable
          {...{ c, caption: `${title} of this seller`, api, columns, keyOf }}
          rows={answer.value.items}
        />
      )}
      {children}
    </Panel>
  );
}
