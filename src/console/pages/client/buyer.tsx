/** The client as a buyer: what its documents need beyond the billing details, and who is liable with it. */

import { LANGUAGES } from '../../../seller/language.ts';
import { E_INVOICE_FORMATS } from '../../../seller/model.ts';
import { mayAct, type PageContext } from '../../context.ts';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Field, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import type { Column } from '../../parts/table.tsx';
import { Moment } from '../../parts/value.tsx';
import {
  BUYER_FIELD_NAMES,
  BUYER_FIELDS,
  CO_DEBTOR_FIELD_NAMES,
  CO_DEBTOR_FIELDS,
  type Sent,
} from './actions.ts';
import type { ClientData, CoDebtorJson } from './data.ts';
import { ListPanel } from './panels.tsx';

interface Props {
  readonly c: PageContext;
  readonly data: ClientData;
  readonly sent: Sent;
}

export function BuyerPanel({ c, data, sent }: Props) {
  const { buyer } = data.client;
  const state = sent('buyer');
  const shown = (name: keyof typeof buyer) => (buyer[name] === null ? '' : String(buyer[name]));
  if (!mayAct(c, 'finance')) {
    return (
      <Panel title="Documents">
        <Facts facts={BUYER_FIELD_NAMES.map((name) => [BUYER_FIELDS[name], buyer[name]])} />
      </Panel>
    );
  }
  const languages = LANGUAGES.map((language) => [language, language] as const);
  const formats = E_INVOICE_FORMATS.map((format) => [format, format] as const);
  return (
    <Panel title="Documents">
      <PostForm state={state} api={`PATCH ${data.path}`}>
        <input type="hidden" name="action" value="buyer" />
        {BUYER_FIELD_NAMES.map((name) => (
          <Field
            name={`buyer.${name}`}
            label={BUYER_FIELDS[name]}
            state={state}
            value={shown(name)}
            {...(name === 'language' ? { options: [['', "the seller's"] as const, ...languages] } : {})}
            {...(name === 'eInvoice' ? { options: formats } : {})}
          />
        ))}
        <p>
          <Submit>Store the settings</Submit>
        </p>
      </PostForm>
    </Panel>
  );
}

const CO_DEBTOR_COLUMNS: ReadonlyArray<Column<CoDebtorJson>> = [
  { head: 'Name', field: 'legalName', cell: ({ legalName }) => legalName },
  { head: 'City', cell: ({ city, country }) => [city, country].filter(Boolean).join(', ') },
  { head: 'Ground', field: 'ground', cell: ({ ground }) => ground },
  { head: 'From (UTC)', field: 'from', cell: ({ from }) => <Moment at={from} /> },
  { head: 'To', field: 'to', cell: ({ to }) => (to === null ? 'still liable' : <Moment at={to} />) },
];

const END: Column<CoDebtorJson> = {
  head: 'Action',
  cell: ({ id, legalName, to }) =>
    to !== null ? null : (
      <PostForm state={FRESH} class="form inline">
        <input type="hidden" name="action" value="co-debtor-end" />
        <input type="hidden" name="coDebtor" value={id} />
        <Field name="endReason" id={`why-${id}`} label={`Reason (${legalName})`} state={FRESH} required />
        <Submit>End</Submit>
      </PostForm>
    ),
};

export function CoDebtorsPanel({ c, data, sent }: Props) {
  const state = sent('co-debtor');
  const may = mayAct(c, 'finance');
  return (
    <ListPanel
      {...{ c, data, answer: data.coDebtors, keyOf: ({ id }: CoDebtorJson) => id }}
      columns={may ? [...CO_DEBTOR_COLUMNS, END] : CO_DEBTOR_COLUMNS}
      title="Co-debtors"
      empty="No other party is liable for the debts of this client"
      caption="Parties that are liable for the same debts, oldest first"
      api={`${data.path}/co-debtors?limit=100`}
    >
      {may ? (
        <details open={state.problem !== undefined}>
          <summary>Add a co-debtor</summary>
          <PostForm state={state}>
            <input type="hidden" name="action" value="co-debtor" />
            {CO_DEBTOR_FIELD_NAMES.map((name) => (
              <Field
                name={`debtor.${name}`}
                field={name}
                label={CO_DEBTOR_FIELDS[name]}
                state={state}
                required={name === 'legalName' || name === 'ground' || name === 'reason'}
              />
            ))}
            <p>
              <Submit tone="primary">Add the co-debtor</Submit>
            </p>
          </PostForm>
        </details>
      ) : null}
    </ListPanel>
  );
}
