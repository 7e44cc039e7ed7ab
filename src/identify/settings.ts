/** The parts of the configuration that say how clients are recognised. */

import { z } from 'zod';
import { DEFAULT_PREFIXES } from './address.ts';
import { isRange } from './prefix-table.ts';

const unknown = z
  .enum(['refuse', 'pass'])
  .default('refuse')
  .describe(
    'A key that is not in the directory: refuse the request, or leave the key to the platform and go by the address.',
  );
const strip = z
  .boolean()
  .optional()
  .describe(
    'Whether a key that is in the directory is taken out of the request, so that the platform and its log do not get it. Left out: true for the header X-API-Key, false elsewhere.',
  );
const fieldName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, {
  error: 'is not the name of a header: write letters, digits and hyphens, such as "X-API-Key"',
});
const parameterName = z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/, {
  error: 'is not the name of a query parameter: write letters, digits, "_", "." or "-", such as "api_key"',
});

const credentialSource = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('bearer'), unknown, strip }).describe('Authorization: Bearer KEY'),
  z
    .strictObject({ from: z.literal('header'), name: fieldName, unknown, strip })
    .describe('A header that holds the key alone.'),
  z
    .strictObject({ from: z.literal('query'), name: parameterName, unknown, strip })
    .describe('A query parameter.'),
]);

export const identifySettingsSchema = z
  .strictObject({
    credentials: z
      .array(credentialSource)
      .max(16)
      .default([
        { from: 'bearer', unknown: 'refuse' },
        { from: 'header', name: 'X-API-Key', unknown: 'refuse' },
      ])
      .describe('Where API keys are looked for. Two different keys in one request are refused.'),
    forwardedHeader: z
      .enum(['x-forwarded-for', 'forwarded'])
      .default('x-forwarded-for')
      .describe(
        'The one header from which the address is taken, where a trusted proxy sends it; the other is not read.',
      ),
    maxAddresses: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(1_000_000)
      .describe(
        'Unknown callers that a process tells apart in a UTC day. Those beyond are metered and limited by their range (/24, /48); a range is billed once an operator makes a client of it.',
      ),
    ipv4Prefix: z
      .int()
      .min(24)
      .max(32)
      .default(DEFAULT_PREFIXES.ipv4Prefix)
      .describe('Bits of an IPv4 address that name one unknown caller.'),
    ipv6Prefix: z
      .int()
      .min(48)
      .max(64)
      .default(DEFAULT_PREFIXES.ipv6Prefix)
      .describe(
        'Bits of an IPv6 address that name one unknown caller. A provider gives a customer a /56 or a /48; with 64 each of their networks is a client.',
      ),
  })
  .prefault({});

export const trustedProxiesSchema = z
  .array(
    z.string().refine((text) => text === 'loopback' || text === 'private' || isRange(text), {
      error: 'is no address range: write 203.0.113.0/24, 2001:db8::/48, one address, "loopback" or "private"',
    }),
  )
  .max(1_000)
  .default([])
  .describe(
    'Proxies before us whose word on the client address is believed: ranges, "loopback" or "private".',
  );

export type IdentifySettings = z.output<typeof identifySettingsSchema>;
export type CredentialSource = IdentifySettings['credentials'][number];
