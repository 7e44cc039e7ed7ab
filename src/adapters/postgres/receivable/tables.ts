/**
 * The book of issued invoices. Payments, entries and refunds are final. Triggers in drizzle/ hold its invariants, and
 * keep `receivables` as the sum of the entries.
 */

import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  check,
  date,
  index,
  integer,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { DISPUTE_GROUNDS, DISPUTE_OUTCOMES, ENTRY_KINDS } from '../../../receivable/model.ts';
import { moment, money } from '../columns.ts';
import { clients, invoices } from '../schema.ts';
import { sellers } from '../seller/tables.ts';

const invoiceId = () =>
  uuid('invoice_id')
    .notNull()
    .references(() => invoices.id);

/** Money that came in. */
export const payments = pgTable(
  'payments',
  {
    id: uuid('id').primaryKey(),
    sellerId: text('seller_id')
      .notNull()
      .references(() => sellers.id),
    clientId: text('client_id').references(() => clients.id),
    receivedOn: date('received_on', { mode: 'string' }).notNull(),
    amountMinor: money('amount_minor').notNull(),
    currency: text('currency').notNull(),
    payer: text('payer'),
    reference: text('reference'),
    method: text('method'),
    source: text('source').notNull(),
    externalId: text('external_id'),
    note: text('note'),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
  },
  (t) => [
    unique('payments_external').on(t.source, t.externalId),
    index('payments_client').on(t.clientId),
    check('payments_positive', sql`${t.amountMinor} > 0`),
  ],
);

export const entries = pgTable(
  'entries',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    invoiceId: invoiceId(),
    kind: text('kind', { enum: ENTRY_KINDS }).notNull(),
    amountMinor: money('amount_minor').notNull(),
    paymentId: uuid('payment_id').references(() => payments.id),
    creditNoteId: uuid('credit_note_id').references(() => invoices.id),
    reversesId: bigint('reverses_id', { mode: 'number' }).unique(),
    effectiveOn: date('effective_on', { mode: 'string' }).notNull(),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
  },
  (t) => [
    uniqueIndex('entries_charge').on(t.invoiceId).where(sql`${t.kind} = 'charge'`),
    index('entries_invoice').on(t.invoiceId, t.id),
    index('entries_payment').on(t.paymentId),
    index('entries_credit_note').on(t.creditNoteId),
    check(
      'entries_sign',
      sql`(${t.kind} in ('charge', 'reversal')) = (${t.amountMinor} > 0) and ${t.amountMinor} <> 0`,
    ),
    check(
      'entries_payment_named',
      sql`${t.kind} = 'reversal' or (${t.kind} = 'payment') = (${t.paymentId} is not null)`,
    ),
    check(
      'entries_credit_named',
      sql`${t.kind} = 'reversal' or (${t.kind} = 'credit') = (${t.creditNoteId} is not null)`,
    ),
    check('entries_reversal_named', sql`(${t.kind} = 'reversal') = (${t.reversesId} is not null)`),
  ],
);

/** Money that went back. */
export const refunds = pgTable(
  'refunds',
  {
    id: uuid('id').primaryKey(),
    paymentId: uuid('payment_id').references(() => payments.id),
    creditNoteId: uuid('credit_note_id').references(() => invoices.id),
    paidOn: date('paid_on', { mode: 'string' }).notNull(),
    amountMinor: money('amount_minor').notNull(),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [
    index('refunds_payment').on(t.paymentId),
    index('refunds_credit_note').on(t.creditNoteId),
    check('refunds_positive', sql`${t.amountMinor} > 0`),
    check('refunds_of_one', sql`num_nonnulls(${t.paymentId}, ${t.creditNoteId}) = 1`),
  ],
);

/** What the entries of each invoice come to. Only triggers write it. */
export const receivables = pgTable(
  'receivables',
  {
    invoiceId: uuid('invoice_id')
      .primaryKey()
      .references(() => invoices.id),
    clientId: text('client_id').notNull(),
    sellerId: text('seller_id').notNull(),
    currency: text('currency').notNull(),
    payableMinor: money('payable_minor').notNull(),
    balanceMinor: money('balance_minor').notNull(),
    paidMinor: money('paid_minor').notNull(),
    creditedMinor: money('credited_minor').notNull(),
    writtenOffMinor: money('written_off_minor').notNull(),
    dueOn: date('due_on', { mode: 'string' }).notNull(),
    disputeId: uuid('dispute_id'),
    dunningLevel: integer('dunning_level').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    index('receivables_client').on(t.clientId),
    index('receivables_open').on(t.dueOn).where(sql`${t.balanceMinor} > 0`),
    check('receivables_balance', sql`${t.balanceMinor} between 0 and ${t.payableMinor}`),
  ],
);

/** The answer and the outcome are each set once (a trigger enforces this). */
export const disputes = pgTable(
  'disputes',
  {
    id: uuid('id').primaryKey(),
    invoiceId: invoiceId(),
    openedAt: moment('opened_at').notNull(),
    openedBy: text('opened_by').notNull(),
    ground: text('ground', { enum: DISPUTE_GROUNDS }).notNull(),
    text: text('text').notNull(),
    disputedMinor: money('disputed_minor').notNull(),
    answeredAt: moment('answered_at'),
    answeredBy: text('answered_by'),
    answer: text('answer'),
    resolvedAt: moment('resolved_at'),
    resolvedBy: text('resolved_by'),
    outcome: text('outcome', { enum: DISPUTE_OUTCOMES }),
    outcomeText: text('outcome_text'),
  },
  (t) => [
    index('disputes_invoice').on(t.invoiceId),
    uniqueIndex('disputes_open').on(t.invoiceId).where(sql`${t.resolvedAt} is null`),
    check('disputes_positive', sql`${t.disputedMinor} > 0`),
  ],
);

/** Levels of dunning that invoices have reached. Final. */
export const dunnings = pgTable(
  'dunnings',
  {
    id: uuid('id').primaryKey(),
    invoiceId: invoiceId(),
    level: integer('level').notNull(),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
  },
  (t) => [
    uniqueIndex('dunnings_level').on(t.invoiceId, t.level),
    check('dunnings_positive', sql`${t.level} > 0`),
  ],
);
