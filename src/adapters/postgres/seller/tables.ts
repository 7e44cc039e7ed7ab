/** The tables of sellers and of what belongs to them. Triggers in drizzle/ keep what a document has named. */

import { sql } from 'drizzle-orm';
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { LANGUAGES, type Language, type Translated } from '../../../seller/language.ts';
import { BUYER_SCOPES, CLAIM_KINDS, type SellerTexts, TAX_CATEGORIES } from '../../../seller/model.ts';
import { bytes, count, moment, money } from '../columns.ts';
import { clients } from '../schema.ts';

const partyColumns = () => ({
  legalName: text('legal_name'),
  address: text('address'),
  street: text('street'),
  street2: text('street2'),
  postcode: text('postcode'),
  city: text('city'),
  region: text('region'),
  country: text('country'),
  email: text('email'),
  phone: text('phone'),
  contact: text('contact'),
  vatId: text('vat_id'),
  taxId: text('tax_id'),
  register: text('register'),
  registerId: text('register_id'),
  electronicAddress: text('electronic_address'),
  electronicScheme: text('electronic_scheme'),
});

/** The legal entities that claim. A document has its own copy of the row, so a change affects later documents alone. */
export const sellers = pgTable('sellers', {
  id: text('id').primaryKey(),
  ...partyColumns(),
  defaultLanguage: text('default_language', { enum: LANGUAGES }).notNull().default('en'),
  termsDays: integer('terms_days').notNull().default(30),
  texts: jsonb('texts').$type<Partial<Record<Language, SellerTexts>>>().notNull().default({}),
  /** Null: its invoices cite no clause. */
  clauseFamily: text('clause_family').default('x'),
  /** Whether an action that needs two people is refused to a lone person. */
  isStrict: boolean('is_strict').notNull().default(false),
  /** Hex SHA-256 of the logo in `logos`. */
  logo: text('logo'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
  archivedAt: moment('archived_at'),
});

/** Logos by hash, final, because documents name them. */
export const logos = pgTable('logos', {
  sha256: text('sha256').primaryKey(),
  type: text('type', { enum: ['image/png'] }).notNull(),
  bytes: bytes('bytes').notNull(),
});

/** Only `is_default` and `archived_at` can change (a trigger enforces this). */
export const bankAccounts = pgTable(
  'bank_accounts',
  {
    id: uuid('id').primaryKey(),
    sellerId: text('seller_id')
      .notNull()
      .references(() => sellers.id),
    currency: text('currency').notNull(),
    holder: text('holder').notNull(),
    iban: text('iban'),
    bic: text('bic'),
    accountNumber: text('account_number'),
    routingNumber: text('routing_number'),
    bankName: text('bank_name'),
    isDefault: boolean('is_default').notNull(),
    createdAt: moment('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    archivedAt: moment('archived_at'),
  },
  (t) => [
    uniqueIndex('bank_accounts_default')
      .on(t.sellerId, t.currency)
      .where(sql`${t.isDefault} and ${t.archivedAt} is null`),
  ],
);

/** A series that has given a number can only be archived (a trigger enforces this). */
export const numberSeries = pgTable('number_series', {
  series: text('series').primaryKey(),
  sellerId: text('seller_id')
    .notNull()
    .references(() => sellers.id),
  kinds: text('kinds').array().notNull(),
  prefix: text('prefix').notNull(),
  width: integer('width').notNull(),
  isYearly: boolean('is_yearly').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  archivedAt: moment('archived_at'),
});

/** Final. The narrowest scope applies, and among rules of one scope the latest that is in force. */
export const taxRules = pgTable(
  'tax_rules',
  {
    id: uuid('id').primaryKey(),
    sellerId: text('seller_id')
      .notNull()
      .references(() => sellers.id),
    appliesTo: text('applies_to', { enum: CLAIM_KINDS }).notNull(),
    buyerScope: text('buyer_scope', { enum: BUYER_SCOPES }).notNull(),
    category: text('category', { enum: TAX_CATEGORIES }).notNull(),
    rateBp: integer('rate_bp').notNull(),
    exemptionCode: text('exemption_code'),
    reason: jsonb('reason').$type<Translated>().notNull(),
    validFrom: moment('valid_from').notNull(),
    createdAt: moment('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (t) => [uniqueIndex('tax_rules_moment').on(t.sellerId, t.appliesTo, t.buyerScope, t.validFrom)],
);

/** Terms of the platform, besides those that the product ships. Final. */
export const clauses = pgTable('clauses', {
  id: text('id').primaryKey(),
  family: text('family').notNull(),
  variant: text('variant').notNull(),
  name: text('name').notNull(),
  text: text('text').notNull(),
  source: text('source').notNull(),
  law: text('law').notNull(),
  currency: text('currency').notNull(),
  priceMinor: money('price_minor').notNull(),
  thresholdPosts: count('threshold_posts').notNull(),
  claimPeriods: jsonb('claim_periods').$type<{ label: Translated; months: number }[]>().notNull(),
  validFrom: moment('valid_from').notNull(),
  createdAt: moment('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  reason: text('reason').notNull(),
});

/** Further liable parties of a client. Only `to_at` can be set, once (a trigger enforces this). */
export const coDebtors = pgTable(
  'co_debtors',
  {
    id: uuid('id').primaryKey(),
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    ...partyColumns(),
    ground: text('ground').notNull(),
    fromAt: moment('from_at').notNull(),
    toAt: moment('to_at'),
    createdAt: moment('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [index('co_debtors_client').on(t.clientId)],
);

/** When an unpaid invoice is reminded, and with which words. Without rows of a seller the product's levels apply. */
export const dunningLevels = pgTable(
  'dunning_levels',
  {
    sellerId: text('seller_id')
      .notNull()
      .references(() => sellers.id),
    level: integer('level').notNull(),
    daysAfterDue: integer('days_after_due').notNull(),
    title: jsonb('title').$type<Translated>().notNull(),
    text: jsonb('text').$type<Translated>().notNull(),
    isAutomatic: boolean('is_automatic').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sellerId, t.level] })],
);
