/** Schemas of documents, of what is missing, and of sendings, in the API. */

import { z } from '@hono/zod-openapi';
import { DOCUMENT_FORMATS, DOCUMENT_KINDS } from '../../../document/kind.ts';
import type { DocumentFailure, DocumentRecord, Sending } from '../../../document/port.ts';
import type { DocumentVariant } from '../../../document/wanted.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { EmailAddress, RecordId, TimestampOut } from '../../fields.ts';

const Copy = z
  .int()
  .min(1)
  .max(1000)
  .openapi({ description: "1: the buyer's; then the co-debtors' in order." });
const Language = z.enum(LANGUAGES);
const Sha256Out = z.string().openapi({ description: 'Hex SHA-256.', example: '9f2c'.padEnd(64, '0') });

export const DocumentSchema = z
  .object({
    id: z.string(),
    subject: z.string().openapi({
      description: 'What it was made from: `invoices/ID`, `dunnings/ID`, or a letter below its invoice.',
    }),
    kind: z.enum(DOCUMENT_KINDS),
    format: z.enum(DOCUMENT_FORMATS),
    language: Language,
    copy: Copy,
    template: z.int().openapi({
      description: 'Version of the program text that drew it. The same template makes the same bytes.',
    }),
    fileName: z.string(),
    size: z.int().openapi({ description: 'Bytes.' }),
    sha256: Sha256Out,
    contentHash: Sha256Out.nullable(),
    madeAt: TimestampOut,
    madeBy: z.string(),
  })
  .openapi('Document');

export const SendingSchema = z
  .object({
    id: z.string(),
    documentId: z.string(),
    channel: z.enum(['mail', 'webhook']),
    address: z.string(),
    at: TimestampOut,
    actor: z.string(),
    outcome: z.enum(['sent', 'failed']),
    status: z.int().nullable().openapi({ description: 'Reply code of the mail server, or status of HTTP.' }),
    detail: z.string(),
  })
  .openapi('Sending');

export const DocumentListSchema = z
  .object({
    items: z.array(DocumentSchema).openapi({ description: 'With letters and reminders; oldest first.' }),
    missing: z
      .array(
        z.object({
          format: z.enum(DOCUMENT_FORMATS),
          language: Language,
          copy: Copy,
          failure: z
            .object({ code: z.string(), detail: z.string(), at: TimestampOut })
            .nullable()
            .openapi({ description: 'Why it could not be made the last time. null: it is being made.' }),
        }),
      )
      .openapi({ description: 'Documents that the invoice needs and that are not made yet.' }),
    sendings: z
      .array(SendingSchema)
      .openapi({ description: 'Attempts to send the documents, oldest first.' }),
  })
  .openapi('DocumentList');

export const NewDocumentSchema = z
  .strictObject({
    format: z.enum(DOCUMENT_FORMATS).default('pdf'),
    language: Language.optional().openapi({ description: 'Default: the language of the invoice.' }),
    copy: Copy.default(1),
  })
  .openapi('NewDocument');

export const SendSchema = z
  .strictObject({
    channel: z.enum(['mail', 'webhook']),
    documentId: RecordId.optional().openapi({
      description: 'Default: the PDF of each copy, to the party that the copy is for.',
    }),
    address: EmailAddress.optional().openapi({
      description: 'For mail. Default: the address of the party that the copy is for.',
    }),
    receiverId: RecordId.optional().openapi({ description: 'For a webhook: a receiver of alerts.' }),
  })
  .openapi('SendDocument');

export const SentSchema = z.object({ items: z.array(SendingSchema) }).openapi('Sendings');

export type DocumentListJson = z.infer<typeof DocumentListSchema>;
export type DocumentJson = z.infer<typeof DocumentSchema>;
export type SentJson = z.infer<typeof SentSchema>;

export function documentJson(record: DocumentRecord): DocumentJson {
  const { id, subject, kind, format, language, copy, template, fileName, size, sha256 } = record;
  const { contentHash, madeAtMs, madeBy } = record;
  return {
    ...{ id, subject, kind, format, language, copy, template, fileName, size, sha256 },
    ...{ contentHash, madeAt: isoTimestamp(madeAtMs), madeBy },
  };
}

export function missingJson(
  { format, language, copy }: DocumentVariant,
  failure: DocumentFailure | undefined,
): DocumentListJson['missing'][number] {
  const shown = failure && { code: failure.code, detail: failure.detail, at: isoTimestamp(failure.atMs) };
  return { format, language, copy, failure: shown ?? null };
}

export function sendingJson({ atMs, ...sending }: Sending): z.infer<typeof SendingSchema> {
  return { ...sending, at: isoTimestamp(atMs) };
}
