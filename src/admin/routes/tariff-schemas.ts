/** A version of a tariff as the API takes and sends it. */

import { z } from '@hono/zod-openapi';
import { tariffTerms } from '../../tariff/terms.ts';
import { MomentIn, MomentOut, Reason } from '../fields.ts';

/** Read by `parseTariff`, which names each fault and fills in the defaults. */
const TermsIn = z
  .record(z.string(), z.unknown())
  .openapi({ description: 'As in TariffVersion; what is left out has the default.' });

export const NewVersion = z
  .strictObject({
    terms: TermsIn.nullable().openapi({ description: 'null: the client follows the default tariff again.' }),
    validFrom: MomentIn.optional().openapi({
      description: 'From when on; put off to the start of the next bucket. Default: now.',
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
    terms: tariffTerms.nullable(),
    reason: z.string(),
    createdBy: z.string(),
    createdAt: MomentOut,
  })
  .openapi('TariffVersion');
