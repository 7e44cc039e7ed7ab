/** Request and response schemas of identifiers. */

import { z } from '@hono/zod-openapi';
import { lineOfText, TimestampOut } from '../../fields.ts';

/** Visible ASCII, because a key is sent in a header. Keys under 16 characters could be guessed. */
const ExistingKey = z
  .string()
  .min(16)
  .max(512)
  .refine((key) => /^[\x21-\x7e]*$/.test(key), {
    error: 'contains characters that a header cannot carry',
    params: { hint: 'send the key as clients send it: visible ASCII without spaces' },
  });

export const NewIdentifierBody = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('api_key'),
      key: ExistingKey.optional().openapi({
        description:
          'A key that the client already has. Default: a key is generated and shown only in this response.',
      }),
    }),
    z.strictObject({
      kind: z.literal('cidr'),
      cidr: z.string().max(64).openapi({ example: '203.0.113.0/24' }),
    }),
    z.strictObject({
      kind: z.literal('agent'),
      agent: lineOfText(1_024).openapi({
        example: 'GPTBot',
        description:
          'The token of an agent in the catalogue, or the https URL of a signer (Web Bot Auth). Requests that prove the agent belong to the client. Requests that only claim it do not.',
      }),
    }),
  ])
  .openapi('NewIdentifier');

const identifierFields = {
  id: z.string(),
  clientId: z.string(),
  kind: z.enum(['api_key', 'cidr', 'agent']),
  cidr: z.string().nullable(),
  keyHint: z.string().nullable().openapi({ description: 'The last four characters of the key.' }),
  agent: z
    .string()
    .nullable()
    .openapi({ description: 'The token of an agent in the catalogue, or the URL of a signer.' }),
  createdAt: TimestampOut,
  revokedAt: TimestampOut.nullable(),
};
export const IdentifierSchema = z.object(identifierFields).openapi('Identifier');
export const ListedIdentifierSchema = z
  .object({
    ...identifierFields,
    postsLastDay: z.int().openapi({ description: 'Posts of the client with it in the last 24 hours.' }),
    shareLastDay: z
      .number()
      .nullable()
      .openapi({ description: 'The same divided by all posts of the client; null without posts.' }),
  })
  .openapi('ListedIdentifier');
export const AddedSchema = z
  .object({
    ...identifierFields,
    key: z
      .string()
      .optional()
      .openapi({ description: 'The generated key. It is shown only in this response.' }),
  })
  .openapi('AddedIdentifier');
