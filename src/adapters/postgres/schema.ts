/** The ledger's tables. Counts are bigint read as number (below 2^53), money is bigint minor units, time is UTC. */

import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  check,
  cidr,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { IssuedDocument } from '../../invoice/document.ts';
import type { Rejection } from '../../invoice/model.ts';
import type { UsageAsOf } from '../../invoice/seal.ts';
import { BILLING_HOLD_CODES } from '../../meter/port.ts';
import { CLIENT_CLASSES } from '../../rights/asker.ts';
import { LANGUAGES } from '../../seller/language.ts';
import { DEFAULT_SERIES, E_INVOICE_FORMATS } from '../../seller/model.ts';
import type { WhatIfChange, WhatIfScope } from '../../whatif/port.ts';
import { bytes, count, moment, money } from './columns.ts';

/**
 * `source` is 'address' for a caller known only by its address, and 'prefix' for an address range, which is never
 * billed. The ledger creates these rows itself.
 */
export const clients = pgTable('clients', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  source: text('source', { enum: ['operator', 'address', 'prefix'] }).notNull(),
  legalName: text('legal_name'),
  address: text('address'),
  email: text('email'),
  taxId: text('tax_id'),
  currency: text('currency'),
  /** The class of its requests as an asker, if an operator chose one. */
  askerClass: text('asker_class', { enum: CLIENT_CLASSES }),
  street: text('street'),
  street2: text('street2'),
  postcode: text('postcode'),
  city: text('city'),
  region: text('region'),
  country: text('country'),
  buyerReference: text('buyer_reference'),
  orderNumber: text('order_number'),
  electronicAddress: text('electronic_address'),
  electronicScheme: text('electronic_scheme'),
  language: text('language', { enum: LANGUAGES }),
  termsDays: integer('terms_days'),
  eInvoice: text('e_invoice', { enum: E_INVOICE_FORMATS }).notNull().default('none'),
  /** The seller of its invoices; null: the default seller. */
  sellerId: text('seller_id'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const identifiers = pgTable(
  'identifiers',
  {
    id: text('id').primaryKey(),
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    kind: text('kind', { enum: ['api_key', 'cidr', 'agent'] }).notNull(),
    /** Hex HMAC-SHA256 of the key. The key itself is never stored. */
    keyHash: text('key_hash'),
    /** The last four characters, so that people can tell keys apart. */
    keyHint: text('key_hint'),
    cidr: cidr('cidr'),
    /** Token of an agent in the catalogue, or the https URL of a signer: proven requests of it belong to the client. */
    agent: text('agent'),
    createdAt: moment('created_at').notNull().defaultNow(),
    revokedAt: moment('revoked_at'),
  },
  (t) => [
    uniqueIndex('identifiers_key_hash').on(t.keyHash).where(sql`${t.revokedAt} is null`),
    uniqueIndex('identifiers_cidr').on(t.cidr).where(sql`${t.revokedAt} is null`),
    uniqueIndex('identifiers_agent').on(t.agent).where(sql`${t.revokedAt} is null`),
    index('identifiers_client').on(t.clientId),
    check(
      'identifiers_one_of',
      sql`(${t.kind} = 'api_key' and ${t.keyHash} is not null and ${t.cidr} is null and ${t.agent} is null) or (${t.kind} = 'cidr' and ${t.cidr} is not null and ${t.keyHash} is null and ${t.agent} is null) or (${t.kind} = 'agent' and ${t.agent} is not null and ${t.keyHash} is null and ${t.cidr} is null)`,
    ),
  ],
);

/** `client_id` null: the default tariff. `terms` null: the client follows the default from then on. */
export const tariffVersions = pgTable(
  'tariff_versions',
  {
    id: uuid('id').primaryKey(),
    clientId: text('client_id').references(() => clients.id),
    version: integer('version').notNull(),
    validFrom: moment('valid_from').notNull(),
    terms: jsonb('terms').$type<Record<string, unknown> | null>(),
    createdAt: moment('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [uniqueIndex('tariff_versions_version').on(sql`coalesce(${t.clientId}, '')`, t.version)],
);

/** Tariff versions that no longer apply: superseded by one with the same start, or withdrawn before they applied. */
export const tariffRetirements = pgTable('tariff_retirements', {
  versionId: uuid('version_id')
    .primaryKey()
    .references(() => tariffVersions.id),
  /** Null: withdrawn. */
  supersededBy: uuid('superseded_by').references(() => tariffVersions.id),
  at: moment('at').notNull(),
  actor: text('actor').notNull(),
  reason: text('reason').notNull(),
});

export const usage = pgTable(
  'usage',
  {
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    identifierId: text('identifier_id').notNull(),
    bucketAt: moment('bucket_at').notNull(),
    posts: count('posts').notNull(),
    requests: count('requests').notNull(),
    refused: count('refused').notNull(),
    bytes: count('bytes').notNull(),
    uncounted: count('uncounted').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.clientId, t.bucketAt, t.identifierId] }),
    index('usage_bucket').on(t.bucketAt),
    check('usage_not_negative', sql`${t.posts} >= 0 and ${t.requests} >= 0 and ${t.bytes} >= 0`),
  ],
);

/**
 * Unique posts of every client per UTC day, for display. `ids`: up to 4,096 sorted hashes of ids (`is_exact`),
 * otherwise the registers of a HyperLogLog. `posts`: the resulting count. `identified`: deliveries with an id.
 */
export const uniqueDays = pgTable(
  'unique_days',
  {
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    dayAt: moment('day_at').notNull(),
    posts: count('posts').notNull(),
    isExact: boolean('is_exact').notNull(),
    identified: count('identified').notNull(),
    ids: bytes('ids').notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.dayAt] })],
);

/**
 * Each post served to a client in a UTC day under a tariff that counts unique posts, by the hash of its id, with
 * its first bucket. Exact, because it is billed. It has no foreign key to clients, which would cost a look-up per
 * post.
 */
export const uniquePosts = pgTable(
  'unique_posts',
  {
    clientId: text('client_id').notNull(),
    dayAt: moment('day_at').notNull(),
    hash: bigint('hash', { mode: 'bigint' }).notNull(),
    firstBucketAt: moment('first_bucket_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.dayAt, t.hash] })],
);

/**
 * Sums of `unique_posts` by bucket, so that billing need not count them. `identified` is the deliveries with an id;
 * `first_posts` is the posts whose first bucket this is. The other deliveries of the bucket have no known id.
 */
export const uniqueBuckets = pgTable(
  'unique_buckets',
  {
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    bucketAt: moment('bucket_at').notNull(),
    identified: count('identified').notNull(),
    firstPosts: count('first_posts').notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.bucketAt] })],
);

/**
 * The last sequence taken of each journal, which makes replays idempotent. The chain of its batches (`batches`)
 * begins after `chained_from` and ends with `last_hash`, null before the first batch.
 */
export const journals = pgTable('journals', {
  id: text('id').primaryKey(),
  lastSequence: count('last_sequence').notNull(),
  takenAt: moment('taken_at').notNull().defaultNow(),
  chainedFrom: count('chained_from').notNull().default(0),
  lastHash: bytes('last_hash'),
});

/**
 * The batches of each journal, unchanged since they were taken (a trigger enforces this), as a hash chain per
 * journal (src/meter/chain). `content`: the leaves as JSON. `from_at`, `to_at`: first and last bucket, null without
 * usage. `kind` lost: records that neither the ledger nor the journal has any more.
 */
export const batches = pgTable(
  'batches',
  {
    journalId: text('journal_id')
      .notNull()
      .references(() => journals.id),
    firstSequence: count('first_sequence').notNull(),
    lastSequence: count('last_sequence').notNull(),
    kind: text('kind', { enum: ['usage', 'lost'] }).notNull(),
    takenAt: moment('taken_at').notNull(),
    salt: bytes('salt').notNull(),
    content: text('content').notNull(),
    previousHash: bytes('previous_hash').notNull(),
    hash: bytes('hash').notNull(),
    fromAt: moment('from_at'),
    toAt: moment('to_at'),
  },
  (t) => [primaryKey({ columns: [t.journalId, t.lastSequence] }), index('batches_bucket').on(t.toAt)],
);

/** Configurations used for metering, once each, by the hex SHA-256 of `content` (RFC 8785 JSON without secrets). */
export const configurations = pgTable('configurations', {
  hash: text('hash').primaryKey(),
  content: text('content').notNull(),
});

/**
 * The configuration and program version under which the records of a journal were metered, from `sequence` until
 * its next row. The links of the journal's chain cover these rows. `hash` is not a foreign key, because a gateway
 * at the edge may know only the hash.
 */
export const journalConfigurations = pgTable(
  'journal_configurations',
  {
    journalId: text('journal_id')
      .notNull()
      .references(() => journals.id),
    sequence: count('sequence').notNull(),
    hash: text('hash').notNull(),
    version: text('version').notNull(),
    fromAt: moment('from_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.journalId, t.sequence] })],
);

/** What gateways served and could not meter: recorded, reported, and never billed. */
export const gaps = pgTable(
  'gaps',
  {
    journalId: text('journal_id')
      .notNull()
      .references(() => journals.id),
    sequence: count('sequence').notNull(),
    fromAt: moment('from_at').notNull(),
    toAt: moment('to_at').notNull(),
    responses: count('responses').notNull(),
    posts: count('posts').notNull(),
  },
  (t) => [primaryKey({ columns: [t.journalId, t.sequence, t.fromAt] })],
);

/**
 * Usage of an identifier that belongs to another client than it was metered for, from `from_at` until `to_at`
 * (null: permanently). Applied in id order to all usage, including late usage.
 */
export const moves = pgTable(
  'moves',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    identifierId: text('identifier_id').notNull(),
    fromClientId: text('from_client_id')
      .notNull()
      .references(() => clients.id),
    toClientId: text('to_client_id')
      .notNull()
      .references(() => clients.id),
    fromAt: moment('from_at').notNull(),
    toAt: moment('to_at'),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [index('moves_identifier').on(t.identifierId)],
);

/**
 * Unknown callers that were named as one client: the callers, the span whose usage moved, and the ranges that were added.
 * The usage is moved by `moves`; this is what an undo takes back.
 */
export const promotions = pgTable('promotions', {
  id: uuid('id').primaryKey(),
  clientId: text('client_id')
    .notNull()
    .references(() => clients.id),
  callerIds: text('caller_ids').array().notNull(),
  identifierIds: text('identifier_ids').array().notNull(),
  fromAt: moment('from_at').notNull(),
  untilAt: moment('until_at').notNull(),
  posts: count('posts').notNull(),
  at: moment('at').notNull(),
  actor: text('actor').notNull(),
  reason: text('reason').notNull(),
  undoneAt: moment('undone_at'),
  undoneBy: text('undone_by'),
});

/** Posts moved from one client to another, in commit order. Windows follow this table. */
export const movedPosts = pgTable('moved_posts', {
  sequence: count('sequence').primaryKey(),
  fromClientId: text('from_client_id').notNull(),
  toClientId: text('to_client_id').notNull(),
  /** Pairs of bucket start in epoch milliseconds and posts. */
  buckets: jsonb('buckets').$type<[bucketMs: number, posts: number][]>().notNull(),
});

/** What people wrote about a client. Rows are never changed (a trigger enforces this). */
export const clientNotes = pgTable(
  'client_notes',
  {
    id: uuid('id').primaryKey(),
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    at: moment('at').notNull(),
    author: text('author').notNull(),
    text: text('text').notNull(),
  },
  (t) => [index('client_notes_client').on(t.clientId, t.id)],
);

/** Clients (null: all) on billing hold, because their ledger data cannot be trusted until the release. */
export const billingHolds = pgTable(
  'billing_holds',
  {
    id: uuid('id').primaryKey(),
    clientId: text('client_id').references(() => clients.id),
    code: text('code', { enum: BILLING_HOLD_CODES }).notNull(),
    reason: text('reason').notNull(),
    heldAt: moment('held_at').notNull(),
    heldBy: text('held_by').notNull(),
    releasedAt: moment('released_at'),
    releasedBy: text('released_by'),
    releaseReason: text('release_reason'),
  },
  (t) => [
    uniqueIndex('billing_holds_active')
      .on(sql`coalesce(${t.clientId}, '')`, t.code)
      .where(sql`${t.releasedAt} is null`),
  ],
);

/** What an operator has decided about a client apart from its tariff. The client may never have been served. */
export const clientPolicies = pgTable('client_policies', {
  clientId: text('client_id').primaryKey(),
  action: text('action', { enum: ['allow', 'refuse', 'slow'] }).notNull(),
  status: integer('status'),
  ratePerSecond: doublePrecision('rate_per_second'),
  reason: text('reason').notNull(),
  untilAt: moment('until_at'),
  setAt: moment('set_at').notNull(),
  setBy: text('set_by').notNull(),
});

/**
 * Each client's posts in the window of its tariff, as of the last rewrite, for clients with usage in it. Lists of clients
 * are sorted by it; no figure and no invoice reads it. `share` is -1 under a tariff without a threshold, so that it sorts
 * last.
 */
export const clientTotals = pgTable(
  'client_totals',
  {
    clientId: text('client_id')
      .primaryKey()
      .references(() => clients.id),
    total: count('total').notNull(),
    share: doublePrecision('share').notNull(),
    asOf: moment('as_of').notNull(),
  },
  (t) => [
    index('client_totals_share').on(t.share, t.total, t.clientId),
    index('client_totals_total').on(t.total, t.clientId),
  ],
);

/** Work list of billing: the earliest bucket that changed, and when a state changes by time alone. */
export const billingDue = pgTable(
  'billing_due',
  {
    clientId: text('client_id')
      .primaryKey()
      .references(() => clients.id),
    dirtyFrom: moment('dirty_from'),
    dueAt: moment('due_at'),
  },
  (t) => [index('billing_due_dirty').on(t.dirtyFrom), index('billing_due_at').on(t.dueAt)],
);

export const breaches = pgTable(
  'breaches',
  {
    id: uuid('id').primaryKey(),
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    stretchFrom: moment('stretch_from').notNull(),
    stretchTo: moment('stretch_to').notNull(),
    fromAt: moment('from_at').notNull(),
    toAt: moment('to_at').notNull(),
    posts: count('posts').notNull(),
    billedPosts: count('billed_posts').notNull(),
    unbilledReason: text('unbilled_reason', { enum: ['within_refusing_tariff'] }),
    peakPosts: count('peak_posts').notNull(),
    peakAt: moment('peak_at').notNull(),
    amountMinor: money('amount_minor').notNull(),
    currency: text('currency').notNull(),
    state: text('state', { enum: ['open', 'settling', 'closed', 'void'] }).notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (t) => [
    index('breaches_client').on(t.clientId, t.stretchFrom),
    index('breaches_state').on(t.state),
    index('breaches_updated').on(t.updatedAt),
  ],
);

export const invoices = pgTable(
  'invoices',
  {
    id: uuid('id').primaryKey(),
    number: count('number'),
    kind: text('kind', { enum: ['invoice', 'supplement', 'credit_note'] }).notNull(),
    status: text('status', { enum: ['draft', 'approved', 'rejected', 'issued', 'void'] }).notNull(),
    clientId: text('client_id')
      .notNull()
      .references(() => clients.id),
    breachId: uuid('breach_id').references(() => breaches.id),
    monthAt: moment('month_at'),
    correctsId: uuid('corrects_id'),
    currency: text('currency').notNull(),
    amountMinor: money('amount_minor').notNull(),
    billTo: jsonb('bill_to').$type<Record<string, unknown> | null>(),
    approvedBy: text('approved_by'),
    approvedAt: moment('approved_at'),
    issuedAt: moment('issued_at'),
    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    /** Author, time and reason of a rejection. */
    rejection: jsonb('rejection').$type<Rejection | null>(),
    /** Frozen at issue. */
    uniquePosts: jsonb('unique_posts').$type<Record<string, unknown> | null>(),
    /** Hex SHA-256, set at issue: of the invoice's content, and of the usage behind it. */
    contentHash: text('content_hash'),
    usageHash: text('usage_hash'),
    /** The end of that usage: the last sequence of each journal, and the last move. */
    usageAsOf: jsonb('usage_as_of').$type<UsageAsOf | null>(),
    /** `manual`: a correction that a person made. Billing leaves it out of its account. */
    origin: text('origin', { enum: ['billing', 'manual'] })
      .notNull()
      .default('billing'),
    /** The series of the number; that of a yearly series has the year after a slash. */
    series: text('series').notNull().default(DEFAULT_SERIES),
    sellerId: text('seller_id'),
    taxMinor: money('tax_minor').notNull().default(sql`0`),
    /** Frozen at issue. Null on invoices that are older than documents. */
    document: jsonb('document').$type<IssuedDocument | null>(),
    /** The token of `approved_by`; null: ADMIN_TOKEN, or billing itself. */
    approverTokenId: text('approver_token_id'),
  },
  (t) => [
    uniqueIndex('invoices_number').on(t.series, t.number),
    index('invoices_client').on(t.clientId, t.createdAt),
    index('invoices_breach').on(t.breachId),
    index('invoices_updated').on(t.updatedAt),
    check('invoices_number_at_issue', sql`(${t.status} = 'issued') = (${t.number} is not null)`),
  ],
);

export const invoiceLines = pgTable(
  'invoice_lines',
  {
    invoiceId: uuid('invoice_id')
      .notNull()
      .references(() => invoices.id),
    position: integer('position').notNull(),
    tariffVersionId: uuid('tariff_version_id')
      .notNull()
      .references(() => tariffVersions.id),
    description: text('description').notNull(),
    fromAt: moment('from_at').notNull(),
    toAt: moment('to_at').notNull(),
    posts: count('posts').notNull(),
    priceMinor: money('price_minor').notNull(),
    block: count('block').notNull(),
    rounding: text('rounding', { enum: ['prorated', 'completed', 'started'] }).notNull(),
    amountMinor: money('amount_minor').notNull(),
    peakPosts: count('peak_posts'),
    peakAt: moment('peak_at'),
    kind: text('kind', { enum: ['charge', 'offset', 'credit'] })
      .notNull()
      .default('charge'),
    offsetsInvoiceId: uuid('offsets_invoice_id').references(() => invoices.id),
    /** Of a credit: the position of the line that it corrects, and why. */
    correctsLine: integer('corrects_line'),
    reason: text('reason'),
  },
  (t) => [primaryKey({ columns: [t.invoiceId, t.position] })],
);

/**
 * One row per series with the last number given. Updated in the issuing transaction, so that a rollback leaves no
 * gap.
 */
export const invoiceNumbers = pgTable('invoice_numbers', {
  series: text('series').primaryKey(),
  last: count('last').notNull(),
});

/** Numbers that the ledger skipped because they were given before it was restored to an older state. */
export const numberMoves = pgTable(
  'number_moves',
  {
    series: text('series').notNull(),
    fromLast: count('from_last').notNull(),
    toLast: count('to_last').notNull(),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
  },
  (t) => [primaryKey({ columns: [t.series, t.fromLast] })],
);

export const tokens = pgTable('tokens', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  /** Hex SHA-256 of the token, which is random enough to need no salt. */
  hash: text('hash').notNull().unique(),
  roles: text('roles').array().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  revokedAt: moment('revoked_at'),
});

/** Sign-ins to the console. A row is deleted when its session ends; the audit log keeps who signed in and out. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    /** Hex SHA-256 of the cookie's secret and of ADMIN_TOKEN: a stolen table opens no session, nor does a new ADMIN_TOKEN. */
    hash: text('hash').notNull().unique(),
    actor: text('actor').notNull(),
    /** Null for a session of ADMIN_TOKEN. */
    tokenId: text('token_id').references(() => tokens.id),
    /** The roles of ADMIN_TOKEN; those of another token are read from it. */
    roles: text('roles').array().notNull(),
    peer: text('peer').notNull(),
    startedAt: moment('started_at').notNull(),
    /** The latest request, at most a minute late. */
    seenAt: moment('seen_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (t) => [index('sessions_token').on(t.tokenId)],
);

/** Usage older than the chain of batches, the starting point of verification. Empty in a new ledger. */
export const openingUsage = pgTable(
  'opening_usage',
  {
    clientId: text('client_id').notNull(),
    identifierId: text('identifier_id').notNull(),
    bucketAt: moment('bucket_at').notNull(),
    posts: count('posts').notNull(),
    requests: count('requests').notNull(),
    refused: count('refused').notNull(),
    bytes: count('bytes').notNull(),
    uncounted: count('uncounted').notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.bucketAt, t.identifierId] })],
);

/**
 * Counts of all gateways by UTC hour, route ('': none matched) and outcome (src/report/routes/port.ts). They show
 * whether counting works; nothing is billed from them.
 */
export const countingHours = pgTable(
  'counting_hours',
  {
    hourAt: moment('hour_at').notNull(),
    route: text('route').notNull(),
    outcome: text('outcome').notNull(),
    responses: count('responses').notNull(),
    posts: count('posts').notNull(),
    bytes: count('bytes').notNull(),
    lastAt: moment('last_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.hourAt, t.route, t.outcome] })],
);

/** The most frequent path shapes that no route matched, by UTC hour. */
export const unmatchedPaths = pgTable(
  'unmatched_paths',
  {
    hourAt: moment('hour_at').notNull(),
    path: text('path').notNull(),
    responses: count('responses').notNull(),
    bytes: count('bytes').notNull(),
  },
  (t) => [primaryKey({ columns: [t.hourAt, t.path] })],
);

/**
 * User agents and routes of unknown callers by UTC day, for callers above 0.1 % of the threshold: at most 8 values of a
 * trait, deleted after `callers.retainDays`. Nothing is billed from them.
 */
export const callerDays = pgTable(
  'caller_days',
  {
    dayAt: moment('day_at').notNull(),
    clientId: text('client_id').notNull(),
    trait: text('trait', { enum: ['user_agent', 'route'] }).notNull(),
    value: text('value').notNull(),
    requests: count('requests').notNull(),
    posts: count('posts').notNull(),
  },
  (t) => [primaryKey({ columns: [t.dayAt, t.clientId, t.trait, t.value] })],
);

/** The last batch of counts of each process or isolate, which makes repetitions idempotent. */
export const countingSources = pgTable(
  'counting_sources',
  {
    id: text('id').primaryKey(),
    lastSequence: count('last_sequence').notNull(),
    seenAt: moment('seen_at').notNull(),
  },
  (t) => [index('counting_sources_seen').on(t.seenAt)],
);

/**
 * Other terms tried on the usage of a time range (src/whatif). Nothing is billed from them. `owner`: the place that works
 * on it, which renews `saved_at`. `after`: the last client in `figures`. `change`: the tariff version whose effect on
 * `invoices` is wanted.
 */
export const whatIfs = pgTable(
  'what_ifs',
  {
    id: uuid('id').primaryKey(),
    state: text('state', { enum: ['waiting', 'running', 'done', 'failed', 'cancelled'] }).notNull(),
    terms: jsonb('terms').$type<Record<string, unknown>>().notNull(),
    scope: jsonb('scope').$type<WhatIfScope>().notNull(),
    fromAt: moment('from_at').notNull(),
    toAt: moment('to_at').notNull(),
    change: jsonb('change').$type<WhatIfChange | null>(),
    createdAt: moment('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    totalClients: count('total_clients').notNull(),
    checkedClients: count('checked_clients').notNull().default(0),
    after: text('after'),
    owner: text('owner'),
    savedAt: moment('saved_at'),
    finishedAt: moment('finished_at'),
    failure: text('failure'),
    figures: jsonb('figures').$type<Record<string, unknown> | null>(),
    invoices: jsonb('invoices').$type<Record<string, unknown>[] | null>(),
  },
  (t) => [index('what_ifs_unfinished').on(t.id).where(sql`${t.state} in ('waiting', 'running')`)],
);

/** The clients that a what-if compared. Those that no tariff can concern are only counted. */
export const whatIfClients = pgTable(
  'what_if_clients',
  {
    whatIfId: uuid('what_if_id')
      .notNull()
      .references(() => whatIfs.id),
    clientId: text('client_id').notNull(),
    posts: count('posts').notNull(),
    peakPosts: count('peak_posts').notNull(),
    now: jsonb('now').$type<Record<string, unknown>>().notNull(),
    tried: jsonb('tried').$type<Record<string, unknown>>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.whatIfId, t.clientId] }),
    index('what_if_clients_peak').on(t.whatIfId, t.peakPosts.desc(), t.clientId),
  ],
);

export const audit = pgTable(
  'audit',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    at: moment('at').notNull().defaultNow(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    reason: text('reason'),
    before: jsonb('before'),
    after: jsonb('after'),
  },
  (t) => [index('audit_subject').on(t.subject, t.id)],
);

export const secrets = pgTable('secrets', {
  name: text('name').primaryKey(),
  value: bytes('value').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
});
