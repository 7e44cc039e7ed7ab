/** Finds what lacks documents: see `DocumentLedger.unmade`. */

import { sql } from 'drizzle-orm';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

/**
 * The last copy is made last, so an invoice that has it and no failure has all of its documents (`wantedDocuments`,
 * src/document/wanted.ts). A dunning has the copies of its invoice.
 */
export async function unmadeSubjects(
  db: LedgerDb,
  sinceMs: number,
  retryBeforeMs: number,
  limit: number,
): Promise<string[]> {
  const since = sql`${new Date(sinceMs).toISOString()}::timestamptz`;
  const lastCopy = sql`documents.format = 'pdf' and documents.language = i.document->>'language'
    and documents.copy = 1 + jsonb_array_length(i.document->'coDebtors')`;
  const rows = await rowsOf(
    db,
    sql`
    select subject from (
      select 'invoices/' || i.id as subject, i.issued_at as at, i.number
      from invoices i
      where i.updated_at >= ${since} and i.status = 'issued' and i.document is not null
        and not exists (select from documents
          where documents.subject = 'invoices/' || i.id and documents.kind = 'invoice' and ${lastCopy})
        and not exists (select from document_failures where document_failures.subject = 'invoices/' || i.id)
      union all
      select 'dunnings/' || d.id, d.at, i.number
      from dunnings d join invoices i on i.id = d.invoice_id
      where d.at >= ${since} and i.document is not null
        and not exists (select from documents
          where documents.subject = 'dunnings/' || d.id and documents.kind = 'dunning' and ${lastCopy})
        and not exists (select from document_failures where document_failures.subject = 'dunnings/' || d.id)
      union all
      select subject, min(at), 0 from document_failures
      where kind in ('invoice', 'dunning') and at < ${new Date(retryBeforeMs).toISOString()}::timestamptz
      group by subject
    ) as unmade
    order by at, number, subject
    limit ${limit}`,
  );
  return rows.map(({ subject }) => String(subject));
}
