/** The figures of the ledger for `postmeter reconcile`, read through the admin API. */

import { z } from 'zod';
import type { ClientRange } from '../../../reconcile/attribute-line.ts';
import type { LedgerHour } from '../../../reconcile/compare.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import type { AdminApi } from '../api/admin-api.ts';
import { allFromApi } from '../api/all-pages.ts';

export interface LedgerSource {
  /** Returns the address ranges of clients that are active now. */
  ranges(): Promise<ClientRange[]>;
  /** Yields the hours of all clients. The hours of a client are consecutive. */
  hours(fromMs: number, toMs: number): AsyncIterable<LedgerHour>;
}

const clientSchema = z.object({ id: z.string(), source: z.string() });
const identifierSchema = z.object({ cidr: z.string().nullable(), revokedAt: z.string().nullable() });
const hourSchema = z.object({
  clientId: z.string(),
  at: z.string().transform((text) => Date.parse(text)),
  posts: z.number(),
  requests: z.number(),
  refused: z.number(),
  bytes: z.number(),
});

export function ledgerSource(api: AdminApi): LedgerSource {
  return {
    async ranges() {
      const ranges: ClientRange[] = [];
      for await (const { id, source } of allFromApi(api, '/v1/clients', {}, clientSchema)) {
        // A client that is identified by its address alone has no identifiers.
        if (source === 'address') continue;
        const path = `/v1/clients/${encodeURIComponent(id)}/identifiers`;
        for await (const { cidr, revokedAt } of allFromApi(api, path, {}, identifierSchema)) {
          if (cidr !== null && revokedAt === null) ranges.push({ clientId: id, cidr });
        }
      }
      return ranges;
    },
    async *hours(fromMs, toMs) {
      const range = { from: isoTimestamp(fromMs), to: isoTimestamp(toMs) };
      for await (const hour of allFromApi(api, '/v1/usage', range, hourSchema)) {
        const { clientId, at, posts, requests, refused, bytes } = hour;
        yield { clientId, atMs: at, posts, requests: requests - refused, bytes };
      }
    },
  };
}
