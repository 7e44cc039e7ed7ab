/** The query of lists, sums and CSV of invoices: one set of parameters, so that all of them show the same invoices. */

import { z } from '@hono/zod-openapi';
import { INVOICE_STATES, type StateRules } from '../../../invoice/state.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import { RECEIVABLE_LABELS } from '../../../receivable/label.ts';
import { parseMoney } from '../../../tariff/money.ts';
import { ClientId, CurrencyCode, DateIn, lineOfText, TimestampIn } from '../../fields.ts';
import { INVOICE_SORTS, type InvoiceFilter } from '../../port.ts';
import { fieldProblem } from '../../problem.ts';
import { InvoiceKinds, Status } from './invoice-schemas.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** An id, or a sort with its values and an id: see `invoiceOrder`. */
export const INVOICE_KEY = new RegExp(
  `^(?:created:|-?(?:number|issued|due):-?\\d{1,18}:|-?(?:amount|open):[A-Z]{3}:-?\\d{1,19}:)?${UUID}$`,
);

const Amount = z
  .string()
  .max(40)
  .optional()
  .openapi({ example: '15000.00', description: 'In major units; needs `currency`.' });

export const FILTER_QUERY = {
  client: ClientId.optional(),
  status: Status.optional(),
  state: z.enum(INVOICE_STATES).optional().openapi({
    description:
      'The status, and for a draft or an approved invoice whether its amount is final. growing: its breach or month is not closed yet. to_approve: it waits for finance. to_issue: nothing but the issue is left to decide.',
  }),
  currency: CurrencyCode.optional(),
  kind: InvoiceKinds.optional(),
  q: lineOfText(200).optional().openapi({
    description: "Text in the client's id, name or legal name, or the number or id of the invoice.",
  }),
  issuedFrom: TimestampIn.optional(),
  issuedTo: TimestampIn.optional().openapi({ description: 'Exclusive.' }),
  amountFrom: Amount,
  amountTo: Amount,
  label: z.enum(RECEIVABLE_LABELS).optional().openapi({
    description:
      'What has become of an issued invoice or supplement, as at today (UTC). The first that fits: a balance of 0 is uncollectible after a write-off, paid after a payment, otherwise credited. An open invoice is disputed, overdue, part_paid or open.',
  }),
  dueFrom: DateIn.optional(),
  dueTo: DateIn.optional().openapi({ description: 'Inclusive.' }),
  openFrom: Amount,
  openTo: Amount,
};

export const SORT_QUERY = {
  sort: z.enum(INVOICE_SORTS).default('-created').openapi({
    description:
      'A minus reverses the order. Invoices without a number, issue or due date come last. Amounts are ordered within their currency.',
  }),
};

type FilterQuery = z.output<z.ZodObject<typeof FILTER_QUERY>>;

/** @param rules those by which states are determined. */
export function filterOf(query: FilterQuery, rules: StateRules): InvoiceFilter {
  const { client, status, state, currency, kind, q, issuedFrom, issuedTo } = query;
  if (issuedFrom !== undefined && issuedTo !== undefined && issuedFrom >= issuedTo) {
    throw fieldProblem(400, 'issuedFrom', 'is not before `issuedTo`', 'use an earlier time');
  }
  return {
    ...{ clientId: client, status, currency, kind, q },
    state: state === undefined ? undefined : { is: state, rules },
    issuedFromMs: issuedFrom,
    issuedToMs: issuedTo,
    amountFromMinor: amountOf('amountFrom', query.amountFrom, currency),
    amountToMinor: amountOf('amountTo', query.amountTo, currency),
    label: query.label === undefined ? undefined : { is: query.label, today: utcDateOf(rules.nowMs) },
    ...{ dueFrom: query.dueFrom, dueTo: query.dueTo },
    openFromMinor: amountOf('openFrom', query.openFrom, currency),
    openToMinor: amountOf('openTo', query.openTo, currency),
  };
}

/** Throws if `cursor` is of a list in another order. */
export function demandCursorOf(sort: string, key: string | null): void {
  if (key === null || key.startsWith(`${sort}:`) || (sort === '-created' && !key.includes(':'))) return;
  throw fieldProblem(
    400,
    'cursor',
    'belongs to a list in another order',
    'use `next` of the previous page with the same `sort`, or omit it for the first page',
  );
}

function amountOf(field: string, text: string | undefined, currency: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (currency === undefined) {
    throw fieldProblem(400, field, 'cannot be compared across currencies', 'name a `currency` too');
  }
  const isNegative = text.startsWith('-');
  const parsed = parseMoney(isNegative ? text.slice(1) : text, currency);
  if (!parsed.ok) throw fieldProblem(400, field, parsed.reason, 'write it as 15000.00');
  return isNegative ? -parsed.minor : parsed.minor;
}
