/** Request and response schemas of tariff versions. */

import { z } from '@hono/zod-openapi';
import { damagesTerms, exemptTerms, licenceTerms } from '../../../tariff/terms.ts';
import { Reason, RecordId, TimestampIn, TimestampOut } from '../../fields.ts';

/** The terms of a tariff in a response. `parseTariff` applies further rules to those in a request. */
export const TariffTerms = z
  .discriminatedUnion('kind', [
    // The discriminator is always present in a response; only a request may omit it.
    damagesTerms.extend({ kind: z.literal('damages') }).meta({ id: 'DamagesTerms' }),
    licenceTerms,
    exemptTerms,
  ])
  .openapi('TariffTerms');

/** The terms of a tariff in a request. `parseTariff` validates them and fills in the defaults. */
export const TermsIn = z.record(z.string(), z.unknown()).openapi({
  type: 'object',
  description: 'Omitted fields take their defaults. A request may omit `kind` too; its default is damages.',
  allOf: [{ $ref: '#/components/schemas/TariffTerms' }],
});

export const NewVersion = z
  .strictObject({
    terms: TermsIn.nullable().openapi({ description: 'null: the client follows the default tariff again.' }),
    validFrom: TimestampIn.optional().openapi({
      description: 'When the version takes effect, rounded up to the start of the next bucket. Default: now.',
    }),
    supersedes: RecordId.optional().openapi({
      description:
        'Id of a version of this tariff that the new version replaces from the same start, past or future. Refused if an issued invoice has a line of it.',
    }),
    reason: Reason,
    correction: z.boolean().default(false).openapi({
      description: 'Allows a start in the past. Billing since then is recomputed.',
    }),
  })
  .openapi('NewTariffVersion');

export const VersionSchema = z
  .object({
    id: z.string(),
    clientId: z.string().nullable().openapi({ description: 'null: the default tariff.' }),
    version: z.int(),
    validFrom: TimestampOut,
    terms: TariffTerms.nullable(),
    reason: z.string(),
    createdBy: z.string(),
    createdAt: TimestampOut,
    retirement: z
      .object({
        at: TimestampOut,
        actor: z.string(),
        reason: z.string(),
        supersededBy: z.string().nullable().openapi({ description: 'null: the version was withdrawn.' }),
      })
      .nullable()
      .openapi({ description: 'null: the version is not retired.' }),
  })
  .openapi('TariffVersion');
