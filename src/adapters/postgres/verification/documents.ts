/** Compares documents and sendings with the audit log, and documents with their own hash and that of their invoice. */

import { sql } from 'drizzle-orm';
import type { AuditComparison } from './comparison.ts';

/** The bytes are hashed in the database. The content hash of a letter from a draft is null. */
const DOCUMENTS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(after->>'subject', after->>'kind', after->>'format', after->>'language',
      (after->>'copy')::int, (after->>'template')::int, after->>'fileName', after->>'sha256', after->>'sha256',
      after->>'contentHash', after->>'contentHash', at, actor)
    from audit where action = 'document.made'`,
  kept: sql`
    select concat('documents/', documents.id), jsonb_build_array(subject, documents.kind, format, language,
      copy, template, file_name, sha256, encode(sha256(bytes), 'hex'),
      documents.content_hash, invoices.content_hash, made_at, made_by)
    from documents
    left join dunnings on concat('dunnings/', dunnings.id) = subject
    left join invoices on concat('invoices/', invoices.id) =
      case when dunnings.id is null then subject else concat('invoices/', dunnings.invoice_id) end`,
};

const SENDINGS: AuditComparison = {
  code: 'record_differs',
  written: sql`
    select subject, jsonb_build_array(after->>'documentId', after->>'channel', after->>'address', at, actor,
      after->>'outcome', (after->>'status')::int, after->>'detail')
    from audit where action = 'document.sent'`,
  kept: sql`
    select concat('sendings/', id), jsonb_build_array(document_id::text, channel, address, at, actor, outcome,
      status, detail)
    from sendings`,
};

export const DOCUMENT_COMPARISONS = [DOCUMENTS, SENDINGS];
