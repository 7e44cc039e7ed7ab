/** Requests and responses of sellers. */

import { z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { LANGUAGES } from '../../../seller/language.ts';
import { lineOfText, linesOfText, Reason, TimestampOut } from '../../fields.ts';
import type { SellerRecord } from '../../sellers/port.ts';
import { partyFields, partyOut } from './party-schemas.ts';

export const LanguageCode = z.enum(LANGUAGES);
/** Days from issue to the due date. */
export const TermsDays = z.int().min(0).max(365);

const ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const ID_HINT = 'use 1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit';

/** An id that an administrator chooses: of a seller, a series, a family of clauses. */
export const ChosenId = z
  .string()
  .refine((id) => ID.test(id), { error: 'has the wrong format', params: { hint: ID_HINT } })
  .openapi({ pattern: ID.source, example: 'default' });

export const sellerParams = z.object({ sellerId: ChosenId });

/** A record refuses keys that are not languages. Its description must say so. */
const CLOSED = { additionalProperties: false };

/** A text for each language, each of one line or of several. */
export function translatedText(text: ReturnType<typeof lineOfText>) {
  return z.partialRecord(LanguageCode, text).openapi(CLOSED);
}

const Texts = z
  .partialRecord(
    LanguageCode,
    z.strictObject({
      title: lineOfText(100).optional(),
      intro: linesOfText(2000).optional(),
      paymentNote: linesOfText(1000).optional(),
      footer: linesOfText(1000).optional(),
    }),
  )
  .openapi(CLOSED);

const settings = {
  ...partyFields,
  defaultLanguage: LanguageCode.optional(),
  termsDays: TermsDays.optional().openapi({ description: 'Days from issue to the due date.' }),
  texts: Texts.optional().openapi({
    description: "What documents say besides their facts, by language. Absent texts are the product's.",
  }),
  clauseFamily: ChosenId.nullable()
    .optional()
    .openapi({ description: 'The family of clauses that its invoices cite; null: none.', example: 'x' }),
  isStrict: z.boolean().optional().openapi({
    description: 'true: an action that needs two people is refused if there is no second person.',
  }),
};

export const SellerChange = z
  .strictObject(settings)
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'changes nothing',
    params: { hint: 'send a field' },
  })
  .openapi('SellerChange', { description: 'Omitted fields keep their value; null clears a field.' });

export const NewSeller = z.strictObject({ id: ChosenId, ...settings }).openapi('NewSeller');

export const SellerArchival = z.strictObject({ reason: Reason }).openapi('SellerArchival');

export const SellerSchema = z
  .object({
    id: z.string(),
    ...partyOut,
    defaultLanguage: LanguageCode,
    termsDays: z.int(),
    texts: z.partialRecord(
      LanguageCode,
      z.object({
        ...{ title: z.string().optional(), intro: z.string().optional() },
        ...{ paymentNote: z.string().optional(), footer: z.string().optional() },
      }),
    ),
    clauseFamily: z.string().nullable(),
    isStrict: z.boolean(),
    logo: z.object({ type: z.literal('image/png'), sha256: z.string() }).nullable(),
    createdAt: TimestampOut,
    updatedAt: TimestampOut,
    archivedAt: TimestampOut.nullable(),
  })
  .openapi('Seller');

export function sellerJson({ createdAtMs, updatedAtMs, archivedAtMs, ...rest }: SellerRecord) {
  return {
    ...rest,
    createdAt: isoTimestamp(createdAtMs),
    updatedAt: isoTimestamp(updatedAtMs),
    archivedAt: archivedAtMs === null ? null : isoTimestamp(archivedAtMs),
  };
}
