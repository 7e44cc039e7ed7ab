/** What the forms of a seller's page do, as requests to the API. */

import type { ProblemJson } from '../../../admin/problem.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { type Answer, api } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import { utcOf } from '../../parts/filter.tsx';

type Values = Readonly<Record<string, string>>;
type Action = (c: PageContext, path: string, values: Values) => Promise<Answer<unknown>>;

export const SELLER_FIELDS = {
  ...{
    legalName: 'Legal name',
    street: 'Street',
    street2: 'Second line',
    postcode: 'Postcode',
    city: 'City',
  },
  ...{ region: 'Region', country: 'Country (two letters)', email: 'E-mail', phone: 'Telephone' },
  ...{ contact: 'Contact', vatId: 'VAT id', taxId: 'Tax number', register: 'Register' },
  ...{ registerId: 'Number in the register', electronicAddress: 'Electronic address' },
  electronicScheme: 'Its scheme (EM for mail)',
} as const;
export const SELLER_FIELD_NAMES = Object.keys(SELLER_FIELDS) as (keyof typeof SELLER_FIELDS)[];

/** What a seller's documents say, by language. */
export const TEXT_FIELDS = {
  ...{ title: 'Title', intro: 'Introduction', paymentNote: 'Note on payment', footer: 'Footer' },
} as const;
export const TEXT_FIELD_NAMES = Object.keys(TEXT_FIELDS) as (keyof typeof TEXT_FIELDS)[];

/** By the value of the form's field `action`. `path` is the seller's in the API. */
export const SELLER_ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['details', (c, path, values) => api(c).patch(path, detailsOf(values))],
  ['texts', (c, path, values) => api(c).patch(path, { texts: textsOf(values) })],
  ['logo', setLogo],
  ['remove-logo', (c, path) => api(c).delete(`${path}/logo`)],
  ['archive', (c, path, { archiveReason: reason }) => api(c).post(`${path}/archive`, { reason })],
  ['bank', (c, path, values) => api(c).post(`${path}/bank-accounts`, accountOf(values))],
  ['bank-default', (c, path, values) => onAccount(c, path, values, 'make-default')],
  ['bank-archive', (c, path, values) => onAccount(c, path, values, 'archive')],
  ['series', (c, path, values) => api(c).post(`${path}/series`, seriesOf(values))],
  [
    'series-archive',
    (c, path, { series = '', seriesReason: reason }) =>
      api(c).post(`${path}/series/${encodeURIComponent(series)}/archive`, { reason }),
  ],
  ['tax', (c, path, values) => api(c).post(`${path}/tax-rules`, taxRuleOf(values))],
  ['dunning', setDunning],
]);

export const SELLER_DONE: Readonly<Record<string, string>> = {
  details: 'The details are stored. Later documents use them.',
  texts: 'The texts are stored. Later documents use them.',
  logo: 'The logo is stored. Later documents show it.',
  'remove-logo': 'The logo is removed.',
  archive: 'The seller is archived.',
  bank: 'The bank account is added, or proposed if there is a second person.',
  'bank-default': 'The account is the default, or proposed as such if there is a second person.',
  'bank-archive': 'The bank account is archived.',
  series: 'The series is added.',
  'series-archive': 'The series is archived.',
  tax: 'The tax rule is added.',
  dunning: 'The levels of dunning are stored.',
};

function detailsOf(values: Values) {
  return {
    // An empty field clears the detail.
    ...Object.fromEntries(SELLER_FIELD_NAMES.map((name) => [name, values[name] || null])),
    defaultLanguage: values.defaultLanguage,
    termsDays: Number(values.termsDays || Number.NaN),
    clauseFamily: values.clauseFamily || null,
    isStrict: values.isStrict === 'yes',
  };
}

function textsOf(values: Values) {
  return Object.fromEntries(
    LANGUAGES.flatMap((language) => {
      const texts = TEXT_FIELD_NAMES.flatMap((name) => {
        const text = values[`texts.${language}.${name}`]?.trim();
        return text ? [[name, text] as const] : [];
      });
      return texts.length === 0 ? [] : [[language, Object.fromEntries(texts)]];
    }),
  );
}

async function setLogo(c: PageContext, path: string): Promise<Answer<unknown>> {
  const { file } = await c.req.parseBody();
  if (!(file instanceof File) || file.size === 0) {
    return refusal('file', 'is missing', 'choose a PNG');
  }
  return api(c).putFile(`${path}/logo`, new Uint8Array(await file.arrayBuffer()), file.type);
}

function accountOf(values: Values) {
  const { currency, holder, reason } = values;
  const numbers = ['iban', 'bic', 'accountNumber', 'routingNumber', 'bankName'];
  return {
    ...{ currency, holder, reason },
    ...Object.fromEntries(numbers.map((name) => [name, values[name] || null])),
    isDefault: values.isDefault === 'yes',
  };
}

function onAccount(c: PageContext, path: string, { account = '', accountReason }: Values, what: string) {
  const target = `${path}/bank-accounts/${encodeURIComponent(account)}/${what}`;
  return api(c).post(target, { reason: accountReason });
}

function seriesOf({ series, prefix = '', width, isYearly, ...kinds }: Values) {
  return {
    ...{ series, prefix, width: Number(width || 0), isYearly: isYearly === 'yes' },
    kinds: ['invoice', 'supplement', 'credit_note'].filter((kind) => kinds[kind] === 'yes'),
  };
}

function taxRuleOf({ appliesTo, buyerScope, category, rate, exemptionCode, validFrom, ...texts }: Values) {
  const reasons = LANGUAGES.flatMap((language) => {
    const text = texts[`reason.${language}`]?.trim();
    return text ? [[language, text] as const] : [];
  });
  return {
    ...{ appliesTo, buyerScope, category, rateBp: Math.round(Number(rate || 0) * 100) },
    ...{ exemptionCode: exemptionCode || null, reason: Object.fromEntries(reasons) },
    validFrom: utcOf(validFrom),
  };
}

async function setDunning(c: PageContext, path: string, { levels = '' }: Values): Promise<Answer<unknown>> {
  let parsed: unknown;
  try {
    parsed = levels.trim() === '' ? [] : JSON.parse(levels);
  } catch (error) {
    return refusal('levels', `is not JSON: ${(error as Error).message}`, 'correct it at this place');
  }
  return api(c).put(`${path}/dunning-levels`, { levels: parsed });
}

function refusal(field: string, reason: string, hint: string): Answer<never> {
  const problem: ProblemJson = {
    ...{ type: 'about:blank', title: 'Bad request', status: 400, code: 'invalid_request' },
    ...{ detail: `${field} ${reason}: ${hint}`, errors: [{ field, reason, hint }] },
  };
  return { ok: false, problem };
}
