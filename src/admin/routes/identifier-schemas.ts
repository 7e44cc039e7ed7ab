/** An identifier as the API takes and sends it. */

import { z } from '@hono/zod-openapi';
import { MomentOut } from '../fields.ts';

/** Visible ASCII: a key travels in a header. Under 16 characters could be guessed. */
const ExistingKey = z
  .string()
  .min(16)
  .max(512)
  .refine((key) => /^[\x21-\x7e]*$/.test(key), {
    error: 'has characters in it that no header carries',
    params: { mend: 'send the key as clients send it: visible ASCII without blanks' },
  });

export const NewIdentifierBody = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('api_key'),
      key: ExistingKey.optional().openapi({
        description:
          'A key that the client has already. Left out: one is made, and shown in this answer alone.',
      }),
    }),
    z.strictObject({
      kind: z.literal('cidr'),
      cidr: z.string().max(64).openapi({ example: '203.0.113.0/24' }),
    }),
  ])
  .openapi('NewIdentifier');

const identifierFields = {
  id: z.string(),
  clientId: z.string(),
  kind: z.enum(['api_key', 'cidr']),
  cidr: z.string().nullable(),
  keyHint: z.string().nullable().openapi({ description: 'The last four characters of the key.' }),
  createdAt: MomentOut,
  revokedAt: MomentOut.nullable(),
};
export const IdentifierSchema = z.object(identifierFields).openapi('Identifier');
export const AddedSchema = z
  .object({
    ...identifierFields,
    key: z.string().optional().openapi({ description: 'The key that was made. It is never shown again.' }),
  })
  .openapi('AddedIdentifier');
