/** Documents, failures and sendings in the ledger. Documents and sendings are final. */

import { and, asc, desc, eq, getTableColumns, gt, isNotNull, like, or, sql } from 'drizzle-orm';
import type { DocumentFile, DocumentLedger, DocumentRecord, Sending } from '../../../document/port.ts';
import type { DocumentKey } from '../../../document/wanted.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { claimBasis, logoOf } from './claim.ts';
import { draftBasis } from './draft.ts';
import { dunningBasis } from './dunning.ts';
import { documentFailures, documents, sendings } from './tables.ts';
import { unmadeSubjects } from './unmade.ts';

const { bytes: _bytes, ...COLUMNS } = getTableColumns(documents);
const FIELDS = { ...COLUMNS, size: sql`octet_length(${documents.bytes})`.mapWith(Number) };

export function documentLedger(db: LedgerDb): DocumentLedger {
  return {
    claim: (invoiceId) => snapshot(db, (tx) => claimBasis(tx, invoiceId)),
    draft: (invoiceId, bucketSeconds, nowMs) =>
      snapshot(db, (tx) => draftBasis(tx, invoiceId, bucketSeconds, nowMs)),
    dunning: (dunningId) => snapshot(db, (tx) => dunningBasis(tx, dunningId)),
    parties: async (clientId, currency) => {
      const [row] = await db
        .select({ document: invoices.document })
        .from(invoices)
        .where(
          and(
            ...[eq(invoices.clientId, clientId), eq(invoices.currency, currency)],
            ...[eq(invoices.status, 'issued'), isNotNull(invoices.document)],
          ),
        )
        .orderBy(desc(invoices.issuedAt))
        .limit(1);
      const document = row?.document ?? null;
      return document && { document, logo: await logoOf(db, document.logo) };
    },
    list: async (subject) => {
      const rows = await db
        .select(FIELDS)
        .from(documents)
        .where(within(documents.subject, subject))
        .orderBy(asc(documents.madeAt), asc(documents.id));
      return rows.map(recordOf);
    },
    failures: async (subject) => {
      const rows = await db
        .select()
        .from(documentFailures)
        .where(within(documentFailures.subject, subject))
        .orderBy(asc(documentFailures.format), asc(documentFailures.language), asc(documentFailures.copy));
      return rows.map(({ at, ...row }) => ({ ...row, atMs: at.getTime() }));
    },
    find: async (key) => {
      const [row] = await db
        .select()
        .from(documents)
        .where(isDocument(documents, key))
        .orderBy(desc(documents.template))
        .limit(1);
      return row === undefined ? null : fileOf(row);
    },
    byId: async (id) => {
      const [row] = await db.select().from(documents).where(eq(documents.id, id));
      return row === undefined ? null : fileOf(row);
    },
    ids: async (after, limit) => {
      const rows = await db
        .select({ id: documents.id })
        .from(documents)
        .where(after === null ? undefined : gt(documents.id, after))
        .orderBy(asc(documents.id))
        .limit(limit);
      return rows.map(({ id }) => id);
    },
    add: (made) => add(db, made),
    fail: async ({ atMs, ...failure }) => {
      const row = { ...failure, at: new Date(atMs) };
      await db
        .insert(documentFailures)
        .values(row)
        .onConflictDoUpdate({
          target: [
            ...([documentFailures.subject, documentFailures.kind, documentFailures.format] as const),
            ...([documentFailures.language, documentFailures.copy] as const),
          ],
          set: { code: row.code, detail: row.detail, at: row.at },
        });
    },
    unmade: (sinceMs, retryBeforeMs, limit) => unmadeSubjects(db, sinceMs, retryBeforeMs, limit),
    addSending: (sending) => addSending(db, sending),
    sendings: async (subject) => {
      const rows = await db
        .select({ sending: sendings })
        .from(sendings)
        .innerJoin(documents, eq(documents.id, sendings.documentId))
        .where(within(documents.subject, subject))
        .orderBy(asc(sendings.at), asc(sendings.id));
      return rows.map(({ sending: { at, ...row } }): Sending => ({ ...row, atMs: at.getTime() }));
    },
  };
}

/** Two processes may make the same document at once: the first one's row stays, and the second one gets it. */
async function add(db: LedgerDb, made: DocumentFile): Promise<DocumentFile> {
  const { size: _size, madeAtMs, bytes, ...same } = made;
  return db.transaction(async (tx) => {
    const row = { ...same, bytes: Buffer.from(bytes), madeAt: new Date(madeAtMs) };
    const [added] = await tx
      .insert(documents)
      .values(row)
      .onConflictDoNothing()
      .returning({ id: documents.id });
    await tx.delete(documentFailures).where(isDocument(documentFailures, made));
    if (added !== undefined) {
      const { id, madeBy, ...facts } = same;
      const entry = { action: 'document.made', subject: `documents/${id}`, after: facts };
      await writeAudit(tx, { actor: madeBy, atMs: madeAtMs }, entry);
      return made;
    }
    const [kept] = await tx
      .select()
      .from(documents)
      .where(and(isDocument(documents, made), eq(documents.template, made.template)));
    return fileOf(kept!);
  });
}

async function addSending(db: LedgerDb, { atMs, ...sending }: Sending): Promise<void> {
  const { id, actor, ...facts } = sending;
  await db.transaction(async (tx) => {
    await tx.insert(sendings).values({ ...sending, at: new Date(atMs) });
    const entry = { action: 'document.sent', subject: `sendings/${id}`, after: facts };
    await writeAudit(tx, { actor, atMs }, entry);
  });
}

function snapshot<T>(db: LedgerDb, read: (tx: LedgerDb) => Promise<T>): Promise<T> {
  return db.transaction(read, { isolationLevel: 'repeatable read', accessMode: 'read only' });
}

/** The subject itself, what is below it, and the dunnings of an invoice. `subject` has no character that `like` knows. */
function within(column: typeof documents.subject | typeof documentFailures.subject, subject: string) {
  const [, invoiceId] = /^invoices\/([0-9a-f-]{36})$/.exec(subject) ?? [];
  return or(
    eq(column, subject),
    like(column, `${subject}/%`),
    invoiceId === undefined
      ? undefined
      : sql`${column} in (select 'dunnings/' || id from dunnings where invoice_id = ${invoiceId}::uuid)`,
  );
}

function isDocument(table: typeof documents | typeof documentFailures, key: DocumentKey) {
  return and(
    eq(table.subject, key.subject),
    eq(table.kind, key.kind),
    eq(table.format, key.format),
    eq(table.language, key.language),
    eq(table.copy, key.copy),
  );
}

function recordOf({
  madeAt,
  ...same
}: Omit<DocumentRecord, 'madeAtMs'> & { readonly madeAt: Date }): DocumentRecord {
  return { ...same, madeAtMs: madeAt.getTime() };
}

function fileOf({ madeAt, bytes, ...same }: typeof documents.$inferSelect): DocumentFile {
  return { ...same, bytes, size: bytes.length, madeAtMs: madeAt.getTime() };
}
