/** Schemas of payments, allocations, refunds and entries, and their JSON. Amounts are in major units. */

import { z } from '@hono/zod-openapi';
import { ENTRY_KINDS, type Entry, type Refund } from '../../../receivable/model.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import { formatMoney } from '../../../tariff/money.ts';
import {
  AmountIn,
  AmountOut,
  ClientId,
  CurrencyCode,
  DateIn,
  DateOut,
  lineOfText,
  linesOfText,
  Reason,
  RecordId,
  TimestampOut,
} from '../../fields.ts';
import type { DebtRecord, EntryRecord, PaymentRecord } from '../../payments/port.ts';

/** Maximum number of invoices that one allocation names. */
const MAX_ALLOCATIONS = 200;

const AllocationIn = z.strictObject({ invoiceId: RecordId, amount: AmountIn });
const Allocations = z.array(AllocationIn).max(MAX_ALLOCATIONS);

export const SellerIdIn = z.string().min(1).max(60);

export const AllocationsIn = z.strictObject({ allocations: Allocations.min(1) }).openapi('PaymentAllocation');

export const PaymentIn = z
  .strictObject({
    sellerId: SellerIdIn.default(DEFAULT_SELLER),
    clientId: ClientId.nullable().default(null).openapi({
      description:
        'null: the payer is not a known client. The payment may then pay any invoice of the seller.',
    }),
    receivedOn: DateIn,
    amount: AmountIn,
    currency: CurrencyCode,
    payer: lineOfText(200).nullable().default(null),
    reference: lineOfText(500).nullable().default(null),
    method: lineOfText(60).nullable().default(null),
    source: lineOfText(60).default('hand').openapi({ description: 'Where the payment was recorded.' }),
    externalId: lineOfText(200).nullable().default(null).openapi({
      description:
        'Unique within the source. The same payment again answers the payment that exists; another one is refused.',
    }),
    note: linesOfText(1000).nullable().default(null),
    allocations: Allocations.default([]).openapi({ description: 'What it pays, in the same step.' }),
  })
  .openapi('NewPayment');

export const RefundIn = z
  .strictObject({ amount: AmountIn, paidOn: DateIn.optional(), reason: Reason })
  .openapi('NewRefund');

export const ReversalIn = z.strictObject({ on: DateIn.optional(), reason: Reason }).openapi('EntryReversal');

export const EntrySchema = z
  .object({
    id: z.int(),
    invoiceId: z.string(),
    number: z.string().openapi({ description: 'Of the invoice, as printed.' }),
    clientId: z.string(),
    kind: z.enum(ENTRY_KINDS),
    amount: AmountOut.openapi({ description: 'Negative if it lowers what is owed.' }),
    effectiveOn: DateOut,
    paymentId: z.string().nullable(),
    creditNoteId: z.string().nullable(),
    reversesId: z.int().nullable(),
    reversedById: z.int().nullable(),
    at: TimestampOut,
    actor: z.string(),
    reason: z.string().nullable(),
  })
  .openapi('Entry');

export const WrittenEntrySchema = EntrySchema.omit({ number: true, clientId: true, reversedById: true });

export const RefundSchema = z
  .object({
    id: z.string(),
    paymentId: z.string().nullable(),
    creditNoteId: z.string().nullable(),
    paidOn: DateOut,
    amount: AmountOut,
    at: TimestampOut,
    actor: z.string(),
    reason: z.string(),
  })
  .openapi('Refund');

export const PaymentSchema = z
  .object({
    id: z.string(),
    sellerId: z.string(),
    clientId: z.string().nullable(),
    receivedOn: DateOut,
    amount: AmountOut,
    currency: z.string(),
    payer: z.string().nullable(),
    reference: z.string().nullable(),
    method: z.string().nullable(),
    source: z.string(),
    externalId: z.string().nullable(),
    note: z.string().nullable(),
    at: TimestampOut,
    actor: z.string(),
    allocated: AmountOut,
    refunded: AmountOut,
    left: AmountOut.openapi({ description: 'Neither allocated nor refunded: the balance of the client.' }),
  })
  .openapi('Payment');

const DebtSchema = z.object({
  invoiceId: z.string(),
  number: z.string(),
  clientId: z.string(),
  dueOn: DateOut,
  balance: AmountOut,
  amount: AmountOut.openapi({ description: 'What is proposed. 0: the money does not reach it.' }),
});

export const PaymentDetailSchema = PaymentSchema.extend({
  entries: z.array(EntrySchema),
  refunds: z.array(RefundSchema),
  proposal: z.array(DebtSchema).openapi({
    description:
      'Open invoices that it may pay, oldest due first, with the proposed allocation of what is left.',
  }),
}).openapi('PaymentWithEntries');

export type PaymentJson = z.infer<typeof PaymentSchema>;
export type PaymentDetailJson = z.infer<typeof PaymentDetailSchema>;
export type EntryJson = z.infer<typeof EntrySchema>;

export function paymentJson(payment: PaymentRecord): PaymentJson {
  const { atMs, amountMinor, allocatedMinor, refundedMinor, leftMinor, ...rest } = payment;
  const { currency } = rest;
  return {
    ...rest,
    amount: formatMoney(amountMinor, currency),
    at: isoTimestamp(atMs),
    allocated: formatMoney(allocatedMinor, currency),
    refunded: formatMoney(refundedMinor, currency),
    left: formatMoney(leftMinor, currency),
  };
}

export function writtenEntryJson({ amountMinor, atMs, ...rest }: Entry, currency: string) {
  return { ...rest, amount: formatMoney(amountMinor, currency), at: isoTimestamp(atMs) };
}

export function entryJson(
  { number, clientId, reversedById, ...entry }: EntryRecord,
  currency: string,
): EntryJson {
  return { ...writtenEntryJson(entry, currency), number, clientId, reversedById };
}

export function refundJson({ amountMinor, atMs, ...rest }: Refund, currency: string) {
  return { ...rest, amount: formatMoney(amountMinor, currency), at: isoTimestamp(atMs) };
}

/** @param proposed amounts by invoice id. */
export function debtJson(debt: DebtRecord, proposed: ReadonlyMap<string, bigint>) {
  const { invoiceId, clientId, dueOn, balanceMinor, currency, displayNumber } = debt;
  return {
    ...{ invoiceId, clientId, dueOn, number: displayNumber },
    balance: formatMoney(balanceMinor, currency),
    amount: formatMoney(proposed.get(invoiceId) ?? 0n, currency),
  };
}
