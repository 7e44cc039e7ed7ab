/** A version of a tariff as the API takes and sends it. */

import { z } from '@hono/zod-openapi';
import { damagesTerms, exemptTerms, licenceTerms } from '../../tariff/terms.ts';
import { MomentIn, MomentOut, Reason, RecordId } from '../fields.ts';

/** The terms of a tariff as the API sends them. `parseTariff` checks more when they come in. */
export const TariffTerms = z
  .discriminatedUnion('kind', [
    // A discriminator is always there in an answer; only a request may leave it out.
    damagesTerms.extend({ kind: z.literal('damages') }).meta({ id: 'DamagesTerms' }),
    licenceTerms,
    exemptTerms,
  ])
  .openapi('TariffTerms');

/** `parseTariff` reads it: it names each fault and fills in the defaults. */
const TermsIn = z.record(z.string(), z.unknown()).openapi({
  type: 'object',
  description:
    'Fields that are left out take their defaults; a request may leave out `kind` too, which is then damages.',
  allOf: [{ $ref: '#/components/schemas/TariffTerms' }],
});

export const NewVersion = z
  .strictObject({
    terms: TermsIn.nullable().openapi({ description: 'null: the client follows the default tariff again.' }),
    validFrom: MomentIn.optional().openapi({
      description: 'From when on; put off to the start of the next bucket. Default: now.',
    }),
    supersedes: RecordId.optional().openapi({
      description:
        'Id of a version of this tariff that the new one replaces at its own moment, past or future. Refused if an issued invoice has a line of it.',
    }),
    reason: Reason,
    correction: z.boolean().default(false).openapi({
      description: 'Allows a moment in the past: what was billed since is computed anew.',
    }),
  })
  .openapi('NewTariffVersion');

export const VersionSchema = z
  .object({
    id: z.string(),
    clientId: z.string().nullable().openapi({ description: 'null: the default tariff.' }),
    version: z.int(),
    validFrom: MomentOut,
    terms: TariffTerms.nullable(),
    reason: z.string(),
    createdBy: z.string(),
    createdAt: MomentOut,
    retirement: z
      .object({
        at: MomentOut,
        actor: z.string(),
        reason: z.string(),
        supersededBy: z.string().nullable().openapi({ description: 'null: it was withdrawn.' }),
      })
      .nullable()
      .openapi({ description: 'null: the version is not retired.' }),
  })
  .openapi('TariffVersion');
