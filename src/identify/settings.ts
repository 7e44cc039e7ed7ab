/** The parts of the configuration that control how clients are identified. */

import { z } from 'zod';
import { DEFAULT_PREFIXES } from './address.ts';
import { isRange } from './prefix-table.ts';

const unknown = z
  .enum(['refuse', 'pass'])
  .default('refuse')
  .describe(
    'How to handle a key that is not in the directory: refuse the request, or pass the key to the platform and identify the client by its address.',
  );
const strip = z
  .boolean()
  .optional()
  .describe(
    'Whether a key that is in the directory is removed from the request, so that the platform and its log do not receive it. Default: true for the header X-API-Key, false elsewhere.',
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
    .describe('A header whose whole value is the key.'),
  z
    .strictObject({ from: z.literal('query'), name: parameterName, unknown, strip })
    .describe('A query parameter.'),
]);

const sessionName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, {
    error: 'is not the name of a cookie or header: write its characters, such as "session_*"',
  })
  .refine((name) => name.lastIndexOf('*') === name.indexOf('*') && !name.startsWith('*'), {
    error: 'must not begin with "*" or contain it twice; write the start of the name, such as "session_*"',
  });
const sessionSource = z.union([
  z.strictObject({ cookie: sessionName }).describe('A cookie that is not empty.'),
  z.strictObject({ header: sessionName }).describe('A header that is not empty.'),
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
      .describe('Places in which API keys are searched. Two different keys in one request are refused.'),
    forwardedHeader: z
      .enum(['x-forwarded-for', 'forwarded'])
      .default('x-forwarded-for')
      .describe(
        'The header from which the address is taken if a trusted proxy sends it. The other header is ignored.',
      ),
    maxAddresses: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(1_000_000)
      .describe(
        'Number of unknown callers that a process distinguishes in a UTC day. Further callers are metered and limited by their range (/24, /48). A range is billed only after an operator registers it for a client.',
      ),
    ipv4Prefix: z
      .int()
      .min(24)
      .max(32)
      .default(DEFAULT_PREFIXES.ipv4Prefix)
      .describe('Bits of an IPv4 address that identify one unknown caller.'),
    ipv6Prefix: z
      .int()
      .min(48)
      .max(64)
      .default(DEFAULT_PREFIXES.ipv6Prefix)
      .describe(
        'Bits of an IPv6 address that identify one unknown caller. A provider assigns a /56 or a /48 to a customer; with 64, each network of the customer is a separate client.',
      ),
    humanMaxPosts: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .default(10_000)
      .describe(
        'Posts in its window up to which a client with the behaviour of a browser has the class human. Beyond it, the class is unknown, unless the request has a session.',
      ),
    sessions: z
      .array(sessionSource)
      .max(100)
      .default([])
      .describe(
        'Cookies and headers that the platform sets for people who are signed in, such as { "cookie": "wordpress_logged_in_*" }. Requests with one have the class human beyond humanMaxPosts too.',
      ),
  })
  .prefault({});

export const trustedProxiesSchema = z
  .array(
    z.string().refine((text) => text === 'loopback' || text === 'private' || isRange(text), {
      error:
        'is not a valid address range: use 203.0.113.0/24, 2001:db8::/48, one address, "loopback" or "private"',
    }),
  )
  .max(1_000)
  .default([])
  .describe(
    'Proxies in front of Postmeter that are trusted to report the client address: ranges, "loopback" or "private".',
  );

export type IdentifySettings = z.output<typeof identifySettingsSchema>;
export type CredentialSource = IdentifySettings['credentials'][number];
export type SessionSource = IdentifySettings['sessions'][number];
