/** An invoice as the API sends it. */

import { z } from '@hono/zod-openapi';
import { AmountOut, MomentOut } from '../fields.ts';
import { uniqueFields } from './unique-schema.ts';

export const Status = z.enum(['draft', 'approved', 'rejected', 'issued', 'void']).openapi({
  description:
    'rejected: billing makes no draft of the same amount and lines again. void: nothing is left to charge.',
});

const invoiceFields = {
  id: z.string(),
  number: z.int().nullable().openapi({ description: 'Given at issue, without gaps.' }),
  kind: z.enum(['invoice', 'supplement', 'credit_note']),
  status: Status,
  clientId: z.string(),
  legalName: z.string().nullable(),
  breachId: z.string().nullable(),
  correctsId: z.string().nullable().openapi({ description: 'The invoice that this one corrects.' }),
  month: z.string().nullable().openapi({ description: 'Of a licence.', example: '2026-03' }),
  from: MomentOut.nullable(),
  to: MomentOut.nullable(),
  posts: z.int().openapi({ description: 'Posts billed.' }),
  amount: AmountOut,
  currency: z.string(),
  closesAt: MomentOut.nullable().openapi({
    description:
      'When the breach or month of a draft closes: its amount is final from then on. An open breach that continues closes later. null: not a draft.',
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
    .openapi({ description: 'As frozen at issue.' }),
  approvedBy: z.string().nullable(),
  approvedAt: MomentOut.nullable(),
  issuedAt: MomentOut.nullable(),
  rejection: z
    .object({ by: z.string(), at: MomentOut, reason: z.string() })
    .nullable()
    .openapi({ description: 'Who rejected the draft, when and why.' }),
  createdAt: MomentOut,
  updatedAt: MomentOut,
  unique: z.object(uniqueFields).nullable().openapi({
    description:
      'For information: different posts of the whole UTC days that the lines touch, added up. As frozen at issue, before that as the ledger stands now. null: not known.',
  }),
  contentHash: z.string().nullable().openapi({
    description: 'SHA-256 in hex, given at issue, over all that the invoice says and rests on.',
  }),
  usageHash: z.string().nullable().openapi({
    description: 'SHA-256 in hex, given at issue, over the usage that the invoice rests on.',
  }),
};

const LineSchema = z.object({
  tariffVersionId: z.string(),
  description: z.string(),
  from: MomentOut,
  to: MomentOut,
  posts: z.int(),
  quantity: z.int().openapi({
    description:
      'Posts that are paid for. quantity x price / block is the amount, rounded half up to the minor unit. -1 on a line that takes an issued invoice off, 1 on one that takes a credit note off.',
  }),
  price: AmountOut,
  block: z.int().openapi({ description: 'Posts that the price buys.' }),
  rounding: z.enum(['prorated', 'completed', 'started']),
  amount: AmountOut,
  threshold: z.int().nullable().openapi({
    description: 'Damages: the posts in one window beyond which the tariff applies. Otherwise null.',
  }),
  windowSeconds: z
    .int()
    .nullable()
    .openapi({ description: 'Damages: length of the window. Otherwise null.' }),
  peakPosts: z.int().nullable(),
  peakAt: MomentOut.nullable(),
});

export const InvoiceSchema = z.object(invoiceFields).openapi('Invoice');
export const DetailSchema = z
  .object({ ...invoiceFields, lines: z.array(LineSchema) })
  .openapi('InvoiceWithLines');
