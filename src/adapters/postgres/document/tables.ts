/** Documents as they were made and sent, which is final, and why others could not be made. */

import { index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { DOCUMENT_FORMATS, DOCUMENT_KINDS } from '../../../document/kind.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { bytes, moment } from '../columns.ts';

export const documents = pgTable(
  'documents',
  {
    id: uuid('id').primaryKey(),
    /** Path of what it was made from: `invoices/ID`, `dunnings/ID`, `clients/ID`. */
    subject: text('subject').notNull(),
    kind: text('kind', { enum: DOCUMENT_KINDS }).notNull(),
    format: text('format', { enum: DOCUMENT_FORMATS }).notNull(),
    language: text('language', { enum: LANGUAGES }).notNull(),
    /** 1: the principal debtor's; then the co-debtors' in their order. */
    copy: integer('copy').notNull(),
    /** Version of the program text that drew it. The same template makes the same bytes. */
    template: integer('template').notNull(),
    fileName: text('file_name').notNull(),
    sha256: text('sha256').notNull(),
    bytes: bytes('bytes').notNull(),
    /** Of the invoice; null for a document of no single invoice. */
    contentHash: text('content_hash'),
    madeAt: moment('made_at').notNull(),
    madeBy: text('made_by').notNull(),
  },
  (t) => [unique('documents_once').on(t.subject, t.kind, t.format, t.language, t.copy, t.template)],
);

/** Each time a document was handed to a channel, with what came of it. Final. */
export const sendings = pgTable(
  'sendings',
  {
    id: uuid('id').primaryKey(),
    documentId: uuid('document_id')
      .notNull()
      .references(() => documents.id),
    channel: text('channel', { enum: ['mail', 'webhook'] }).notNull(),
    /** The mailbox or the URL. */
    address: text('address').notNull(),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    outcome: text('outcome', { enum: ['sent', 'failed'] }).notNull(),
    /** Reply code of the mail server, or status of the response; null without one. */
    status: integer('status'),
    /** Why it failed, or the reply. */
    detail: text('detail').notNull(),
  },
  (t) => [index('sendings_document').on(t.documentId, t.at)],
);

/** Why a document could not be made the last time. The row is deleted once the document is made. */
export const documentFailures = pgTable(
  'document_failures',
  {
    subject: text('subject').notNull(),
    kind: text('kind', { enum: DOCUMENT_KINDS }).notNull(),
    format: text('format', { enum: DOCUMENT_FORMATS }).notNull(),
    language: text('language', { enum: LANGUAGES }).notNull(),
    copy: integer('copy').notNull(),
    code: text('code').notNull(),
    detail: text('detail').notNull(),
    at: moment('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.subject, t.kind, t.format, t.language, t.copy] })],
);
