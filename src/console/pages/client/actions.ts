/** What the forms of a client's page do, as requests to the API. */

import { type Answer, api } from '../../api.ts';
import type { PageContext } from '../../context.ts';
import type { FormState } from '../../parts/form.tsx';

type Values = Readonly<Record<string, string>>;
/** The state of a form by its action: the one that was sent has its values and problem, the others are fresh. */
export type Sent = (action: string) => FormState;

type Action = (c: PageContext, path: string, values: Values) => Promise<Answer<unknown>>;

export const BILLING_FIELDS = ['legalName', 'address', 'email', 'taxId', 'currency'] as const;

export const BUYER_FIELDS = {
  ...{ street: 'Street', street2: 'Second line', postcode: 'Postcode', city: 'City', region: 'Region' },
  ...{ country: 'Country (two letters)', buyerReference: 'Reference of the buyer (Leitweg-ID)' },
  ...{ orderNumber: 'Order number', electronicAddress: 'Electronic address' },
  ...{ electronicScheme: 'Its scheme (EM for mail)', language: 'Language of documents' },
  ...{ termsDays: 'Days to the due date', eInvoice: 'E-invoice', sellerId: 'Seller' },
} as const;
export const BUYER_FIELD_NAMES = Object.keys(BUYER_FIELDS) as (keyof typeof BUYER_FIELDS)[];

export const CO_DEBTOR_FIELDS = {
  ...{ legalName: 'Legal name', street: 'Street', postcode: 'Postcode', city: 'City' },
  ...{ country: 'Country (two letters)', email: 'E-mail', vatId: 'VAT id' },
  ...{ ground: 'Why it is liable', reason: 'Reason of this change' },
} as const;
export const CO_DEBTOR_FIELD_NAMES = Object.keys(CO_DEBTOR_FIELDS) as (keyof typeof CO_DEBTOR_FIELDS)[];

/** By the value of the form's field `action`. `path` is the client's in the API. */
export const CLIENT_ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['rename', (c, path, { name }) => api(c).patch(path, { name })],
  [
    'billing',
    (c, path, values) =>
      api(c).patch(path, {
        // An empty field clears the detail.
        billing: Object.fromEntries(BILLING_FIELDS.map((name) => [name, values[name] || null])),
      }),
  ],
  [
    'buyer',
    (c, path, values) => {
      const given = BUYER_FIELD_NAMES.map((name) => [name, values[`buyer.${name}`] || null] as const);
      const { termsDays, ...buyer } = Object.fromEntries(given);
      return api(c).patch(path, { buyer: { ...buyer, termsDays: termsDays ? Number(termsDays) : null } });
    },
  ],
  [
    'co-debtor',
    (c, path, values) =>
      api(c).post(
        `${path}/co-debtors`,
        Object.fromEntries(
          CO_DEBTOR_FIELD_NAMES.map((name) => [name, values[`debtor.${name}`] || undefined]),
        ),
      ),
  ],
  [
    'co-debtor-end',
    (c, path, { coDebtor = '', endReason: reason }) =>
      api(c).post(`${path}/co-debtors/${encodeURIComponent(coDebtor)}/end`, { reason }),
  ],
  [
    'tell',
    (c, _path, { mailbox: address }) => {
      const id = c.req.param('id') ?? '';
      return api(c).post('/v1/receivers', { name: `Client ${id}`, kind: 'client', address, clients: [id] });
    },
  ],
  ['class', (c, path, { askerClass }) => api(c).patch(path, { askerClass: askerClass || null })],
  ['note', (c, path, { text }) => api(c).post(`${path}/notes`, { text })],
  ['identifier', (c, path, values) => api(c).post(`${path}/identifiers`, identifierOf(values))],
  ['hold', (c, path, { holdReason }) => api(c).post(`${path}/hold`, { reason: holdReason })],
  [
    'release',
    (c, _path, { hold = '', ...values }) =>
      api(c).post(`/v1/billing-holds/${encodeURIComponent(hold)}/release`, { reason: values[`why-${hold}`] }),
  ],
  ['policy', (c, path, values) => api(c).put(`${path}/policy`, policyOf(values))],
  ['remove-policy', (c, path) => api(c).delete(`${path}/policy`)],
]);

/** The sentence for each action that succeeded. */
export const CLIENT_DONE: Readonly<Record<string, string>> = {
  rename: 'The name is changed.',
  billing: 'The billing details are stored. Drafts use them; issued invoices keep theirs.',
  buyer: 'The settings are stored. Later documents use them.',
  'co-debtor': 'The co-debtor is added. Later invoices have a copy for it.',
  'co-debtor-end': 'The co-debtor is not liable for later invoices.',
  tell: 'The client gets mail about its levels, breaches and invoices.',
  class: 'The class is set. It applies to the next request.',
  note: 'The note is added.',
  identifier: 'The identifier is added and valid at once.',
  hold: 'Billing of the client is on hold. Metering continues.',
  release: 'The hold is released. The next billing run computes what changed in the meantime.',
  policy: 'The policy is set.',
  'remove-policy': 'The policy is removed. The tariff applies.',
  revoked: 'The identifier is revoked.',
  moved: 'The identifier is moved with its usage. Billing recomputes both clients.',
};

function identifierOf({ kind, key, cidr, agent }: Values): Record<string, unknown> {
  if (kind === 'cidr') return { kind, cidr };
  if (kind === 'agent') return { kind, agent };
  return { kind: 'api_key', ...(key ? { key } : {}) };
}

function policyOf({ policy = '', rate = '', policyReason: reason }: Values): Record<string, unknown> {
  if (policy === 'slow') return { action: policy, ratePerSecond: Number(rate), reason };
  if (policy === '403' || policy === '429') return { action: 'refuse', status: Number(policy), reason };
  return { action: policy, reason };
}
