/** The page of one seller: its details, texts and logo, and what belongs to it. */

import { LANGUAGES } from '../../../seller/language.ts';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import { api } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext, seeDone } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Facts, Panel } from '../../parts/figure.tsx';
import { Checkbox, Field, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import {
  SELLER_ACTIONS,
  SELLER_DONE,
  SELLER_FIELD_NAMES,
  SELLER_FIELDS,
  TEXT_FIELD_NAMES,
  TEXT_FIELDS,
} from './actions.ts';
import { BanksPanel, DunningPanel, SeriesPanel, TaxesPanel } from './belongings.tsx';
import { readSeller, type SellerParts } from './data.ts';

export const sellerPage: ConsolePage = {
  path: '/settings/sellers/:id',
  get: (c) => render(c, () => FRESH),

  async post(c) {
    const { action = '', ...values } = await formOf(c);
    const id = encodeURIComponent(c.req.param('id') ?? '');
    const act = SELLER_ACTIONS.get(action);
    if (act === undefined) return render(c, () => FRESH);
    const answer = await act(c, `/v1/sellers/${id}`, values);
    if (answer.ok) return seeDone(c, `/settings/sellers/${id}`, action);
    const sent = { values, problem: answer.problem };
    return render(c, (name) => (name === action ? sent : FRESH), answer.problem.status);
  },
};

/** The file itself, for the page above. */
export const sellerLogoPage: ConsolePage = {
  path: '/settings/sellers/:id/logo',
  get: (c) => api(c).raw(`/v1/sellers/${encodeURIComponent(c.req.param('id') ?? '')}/logo`),
};

async function render(c: PageContext, sent: SellerParts['sent'], status = 200) {
  const read = await readSeller(c);
  if (!read.ok) return problemPage(c, read.problem);
  const data = read.value;
  const { seller } = data;
  const isArchived = seller.archivedAt !== null;
  const may = mayAct(c, 'admin') && !isArchived;
  const parts = { c, data, sent, may };
  return page(
    c,
    {
      title: seller.legalName ?? `Seller ${seller.id}`,
      aside: isArchived ? <Badge tone="quiet">archived</Badge> : null,
      live: ['audit'],
      done: SELLER_DONE,
      status,
    },
    <>
      <p>
        <a href="/settings">All sellers</a> · <a href="/settings/clauses">Clauses</a> ·{' '}
        <a href={`/audit?under=sellers%2F${seller.id}`}>Changes</a>
      </p>
      <DetailsPanel {...parts} />
      <BanksPanel {...parts} />
      <SeriesPanel {...parts} />
      <TaxesPanel {...parts} />
      <div class="columns">
        <TextsPanel {...parts} />
        <LogoPanel {...parts} />
      </div>
      <DunningPanel {...parts} />
      {may && seller.id !== DEFAULT_SELLER ? <ArchivePanel sent={sent} /> : null}
    </>,
  );
}

function DetailsPanel({ data: { seller, path }, sent, may }: SellerParts) {
  const state = sent('details');
  const terms = `${seller.termsDays} days after issue`;
  if (!may) {
    return (
      <Panel title="Details">
        <Facts
          facts={[
            ...SELLER_FIELD_NAMES.map((name) => [SELLER_FIELDS[name], seller[name]] as const),
            ['Language', seller.defaultLanguage],
            ['Due', terms],
            ['Clauses', seller.clauseFamily ?? 'none'],
          ]}
        />
      </Panel>
    );
  }
  return (
    <Panel title="Details">
      <PostForm state={state} api={`PATCH ${path}`}>
        <input type="hidden" name="action" value="details" />
        <div class="fields">
          {SELLER_FIELD_NAMES.map((name) => (
            <Field name={name} label={SELLER_FIELDS[name]} state={state} value={seller[name] ?? ''} />
          ))}
          <Field
            name="defaultLanguage"
            label="Language"
            state={state}
            required
            value={seller.defaultLanguage}
            options={LANGUAGES.map((language) => [language, language])}
          />
          <Field
            name="termsDays"
            label="Days from issue to the due date"
            state={state}
            required
            type="number"
            value={String(seller.termsDays)}
          />
          <Field
            name="clauseFamily"
            label="Family of clauses"
            state={state}
            value={seller.clauseFamily ?? ''}
            hint="Empty: its invoices cite no clause."
          />
        </div>
        <Checkbox
          name="isStrict"
          label="Refuse actions that need two people while there is only one"
          state={state}
          isChecked={seller.isStrict}
        />
        <p>
          <Submit tone="primary">Store the details</Submit>
        </p>
      </PostForm>
    </Panel>
  );
}

function TextsPanel({ data: { seller }, sent, may }: SellerParts) {
  const state = sent('texts');
  if (!may) return null;
  return (
    <Panel title="Texts of documents">
      <PostForm state={state}>
        <input type="hidden" name="action" value="texts" />
        <p>Empty fields have the product's words.</p>
        {LANGUAGES.map((language) => (
          <details open={state.problem !== undefined || seller.texts[language] !== undefined}>
            <summary>{language}</summary>
            {TEXT_FIELD_NAMES.map((name) => (
              <Field
                name={`texts.${language}.${name}`}
                label={`${TEXT_FIELDS[name]} (${language})`}
                state={state}
                value={seller.texts[language]?.[name] ?? ''}
                lines={name === 'title' ? 1 : 3}
              />
            ))}
          </details>
        ))}
        <p>
          <Submit>Store the texts</Submit>
        </p>
      </PostForm>
    </Panel>
  );
}

function LogoPanel({ data: { seller }, sent, may }: SellerParts) {
  const state = sent('logo');
  return (
    <Panel title="Logo">
      {seller.logo === null ? (
        <p>No logo.</p>
      ) : (
        <p>
          <img src={`/settings/sellers/${seller.id}/logo`} alt="Logo of the seller" height={64} />
        </p>
      )}
      {may ? (
        <PostForm state={state} enctype="multipart/form-data">
          <input type="hidden" name="action" value="logo" />
          <Field
            name="file"
            field="logo"
            label="File"
            state={state}
            type="file"
            required
            hint="A PNG without transparency, of at most 200,000 bytes."
          />
          <p>
            <Submit>Store the logo</Submit>
          </p>
        </PostForm>
      ) : null}
      {may && seller.logo !== null ? (
        <PostForm state={sent('remove-logo')} class="form inline">
          <input type="hidden" name="action" value="remove-logo" />
          <Submit>Remove the logo</Submit>
        </PostForm>
      ) : null}
    </Panel>
  );
}

function ArchivePanel({ sent }: Pick<SellerParts, 'sent'>) {
  const state = sent('archive');
  return (
    <Panel title="Archive">
      <PostForm state={state}>
        <input type="hidden" name="action" value="archive" />
        <p>An archived seller issues nothing. No client may name it.</p>
        <Field name="archiveReason" field="reason" label="Reason" state={state} required />
        <p>
          <Submit tone="danger">Archive the seller</Submit>
        </p>
      </PostForm>
    </Panel>
  );
}
