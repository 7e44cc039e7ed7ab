/** Response schemas of invoices. */

import { z } from '@hono/zod-openapi';
import { INVOICE_ACTIONS } from '../../../invoice/decisions.ts';
import { INVOICE_STATES } from '../../../invoice/state.ts';
import { RECEIVABLE_LABELS } from '../../../receivable/label.ts';
import { AmountOut, DateOut, TimestampOut } from '../../fields.ts';
import { uniqueFields } from '../usage/unique-schema.ts';

export const Status = z.enum(['draft', 'approved', 'rejected', 'issued', 'void']).openapi({
  description:
    'rejected: billing does not create a draft with the same amount and lines again. void: nothing is left to charge.',
});

export const InvoiceKinds = z.enum(['invoice', 'supplement', 'credit_note']);

const invoiceFields = {
  id: z.string(),
  number: z.int().nullable().openapi({ description: 'Assigned at issue, without gaps.' }),
  kind: InvoiceKinds,
  status: Status,
  state: z.enum(INVOICE_STATES).openapi({
    description: 'The status, and for a draft or an approved invoice whether its amount is final.',
  }),
  clientId: z.string(),
  legalName: z.string().nullable(),
  breachId: z.string().nullable(),
  correctsId: z.string().nullable().openapi({ description: 'The invoice that this one corrects.' }),
  month: z.string().nullable().openapi({ description: 'The month of a licence.', example: '2026-03' }),
  from: TimestampOut.nullable(),
  to: TimestampOut.nullable(),
  posts: z.int().openapi({ description: 'Posts billed.' }),
  amount: AmountOut,
  currency: z.string(),
  tax: AmountOut.openapi({ description: '0 before the issue.' }),
  displayNumber: z.string().nullable().openapi({
    description: 'The number as printed, with the prefix of its series. null before the issue.',
  }),
  sellerId: z.string().nullable().openapi({
    description: 'null before the issue, and on invoices that are older than sellers.',
  }),
  paymentReference: z.string().nullable().openapi({ description: 'ISO 11649. null before the issue.' }),
  payable: AmountOut.nullable().openapi({
    description: 'Amount with tax of an issued invoice or supplement. null: nothing can be owed on it.',
  }),
  balance: AmountOut.nullable().openapi({ description: 'What is still owed.' }),
  dueOn: DateOut.nullable(),
  label: z.enum(RECEIVABLE_LABELS).nullable().openapi({ description: 'See the parameter of the list.' }),
  overdueDays: z.int().nullable().openapi({ description: '0: it is not overdue.' }),
  disputed: z.boolean().openapi({ description: 'A dispute is open, whatever the label.' }),
  closesAt: TimestampOut.nullable().openapi({
    description:
      'When the breach or month of a draft closes. Its amount is final from then on. An open breach that continues closes later. null: not a draft.',
  }),
  billTo: z
    .object({
      legalName: z.string(),
      address: z.string(),
      email: z.string(),
      taxId: z.string().nullable(),
      currency: z.string(),
    })
    .nullable()
    .openapi({ description: 'Frozen at issue.' }),
  approvedBy: z.string().nullable(),
  approvedAt: TimestampOut.nullable(),
  issuedAt: TimestampOut.nullable(),
  rejection: z
    .object({ by: z.string(), at: TimestampOut, reason: z.string() })
    .nullable()
    .openapi({ description: 'The rejection of the draft: the actor, the time and the reason.' }),
  createdAt: TimestampOut,
  updatedAt: TimestampOut,
  unique: z.object(uniqueFields).nullable().openapi({
    description:
      'For information: the sum of the unique posts of each UTC day that the lines touch, whole days. Frozen at issue; before that, computed from the current ledger. null: unknown.',
  }),
  contentHash: z.string().nullable().openapi({
    description:
      'SHA-256 in hex of the content of the invoice and the records that it is based on. Set at issue.',
  }),
  usageHash: z.string().nullable().openapi({
    description: 'SHA-256 in hex of the usage that the invoice is based on. Set at issue.',
  }),
};

const LineSchema = z.object({
  kind: z
    .enum(['charge', 'offset', 'credit'])
    .openapi({ description: 'offset: deducts an issued invoice. credit: a manual credit for a line.' }),
  offsetsInvoiceId: z
    .string()
    .nullable()
    .openapi({ description: 'The issued invoice that an offset deducts.' }),
  tariffVersionId: z.string(),
  description: z.string(),
  from: TimestampOut,
  to: TimestampOut,
  posts: z.int(),
  quantity: z.int().openapi({
    description:
      'Posts charged. The amount is quantity x price / block, rounded half up to the minor unit. -1 on a line that offsets an issued invoice, 1 on one that offsets a credit note.',
  }),
  price: AmountOut,
  block: z.int().openapi({ description: 'Number of posts that the price is for.' }),
  rounding: z.enum(['prorated', 'completed', 'started']),
  amount: AmountOut,
  threshold: z.int().nullable().openapi({
    description: 'Damages: the number of posts in one window above which the tariff charges. Otherwise null.',
  }),
  windowSeconds: z
    .int()
    .nullable()
    .openapi({ description: 'Damages: the length of the window. Otherwise null.' }),
  peakPosts: z.int().nullable(),
  peakAt: TimestampOut.nullable(),
});

export const InvoiceSchema = z.object(invoiceFields).openapi('Invoice');

const ActionSchema = z
  .object({
    name: z.enum(INVOICE_ACTIONS),
    allowed: z.boolean(),
    code: z
      .string()
      .nullable()
      .openapi({ description: 'The code of the problem that the action would answer.' }),
    reason: z.string().nullable(),
    hint: z.string().nullable().openapi({ description: 'How to make it possible.' }),
  })
  .openapi('InvoiceAction');

export const DetailSchema = z
  .object({
    ...invoiceFields,
    lines: z.array(LineSchema),
    actions: z.array(ActionSchema).openapi({
      description: 'What finance can do now. The functions that refuse an action decide it.',
    }),
  })
  .openapi('InvoiceWithLines');

export type ListedInvoice = z.infer<typeof InvoiceSchema>;
export type InvoiceDetailJson = z.infer<typeof DetailSchema>;
