/** The part of the configuration that controls who agents are and how they are checked. */

import { z } from 'zod';
import { parseAddress } from '../address.ts';
import { catalogueSchema, graceSchema } from '../asker/settings.ts';
import { signatureSettingsSchema } from '../signature/settings.ts';

const dnsServer = z.string().refine((text) => parseAddress(hostOf(text)) !== null, {
  error:
    'is not the address of a DNS server: use 192.0.2.53, 192.0.2.53:5353, 2001:db8::53 or [2001:db8::53]:5353',
});

export const agentsSettingsSchema = z
  .strictObject({
    catalogue: catalogueSchema,
    grace: graceSchema,
    signatures: signatureSettingsSchema,
    offline: z
      .boolean()
      .default(false)
      .describe(
        'Whether published lists of address ranges and directories of signers are not fetched, and reverse DNS is not asked. Those that are known stay in use.',
      ),
    dns: z
      .strictObject({
        servers: z
          .union([z.literal('system'), z.array(dnsServer).min(1).max(8)])
          .default('system')
          .describe(
            'DNS servers for reverse DNS and fetches on Node: those of the system, or their addresses.',
          ),
        https: z
          .url({ protocol: /^https$/, error: 'must be an https:// URL' })
          .default('https://cloudflare-dns.com/dns-query')
          .describe('DNS over HTTPS (application/dns-json) for reverse DNS on Cloudflare Workers.'),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('Agents (crawlers, assistants): who they are, and how their claims are checked.');

export type AgentsSettings = z.output<typeof agentsSettingsSchema>;

/** The address of a server without its port. */
function hostOf(text: string): string {
  const bracketed = /^\[([^\]]*)\](:\d{1,5})?$/.exec(text);
  if (bracketed !== null) return bracketed[1]!;
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text);
  return withPort === null ? text : withPort[1]!;
}
