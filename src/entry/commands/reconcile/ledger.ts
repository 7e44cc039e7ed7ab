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
  const identifiersOf = (id: string) =>
    allFromApi(api, `/v1/clients/${encodeURIComponent(id)}/identifiers`, {}, identifierSchema);
  return {
    ranges: () =>
      rangesOf(allFromApi(api, '/v1/clients', {}, clientSchema), async function* (id) {
        for await (const { cidr, revokedAt } of identifiersOf(id)) if (revokedAt === null) yield cidr;
      }),
    async *hours(fromMs, toMs) {
      const range = { from: isoTimestamp(fromMs), to: isoTimestamp(toMs) };
      for await (const { at, ...hour } of allFromApi(api, '/v1/usage', range, hourSchema)) {
        yield forwarded({ ...hour, atMs: at });
      }
    },
  };
}

/** Skips clients that are identified by their address alone; they have no identifiers. */
async function rangesOf(
  clients: AsyncIterable<{ readonly id: string; readonly source: string }>,
  cidrsOf: (clientId: string) => AsyncIterable<string | null>,
): Promise<ClientRange[]> {
  const ranges: ClientRange[] = [];
  for await (const { id, source } of clients) {
    if (source === 'address') continue;
    for await (const cidr of cidrsOf(id)) if (cidr !== null) ranges.push({ clientId: id, cidr });
  }
  return ranges;
}

function forwarded(hour: LedgerHour & { readonly refused: number }): LedgerHour {
  const { clientId, atMs, posts, requests, refused, bytes } = hour;
  return { clientId, atMs, posts, requests: requests - refused, bytes };
}
