/** Queries of reverse DNS over HTTPS (application/dns-json), because the runtime at the edge has no DNS. */

import { z } from 'zod';
import { demandStatus, readBounded } from '../../identify/public-fetch.ts';
import { confirmReverse } from '../../identify/reverse-dns/confirm.ts';
import type { ReverseDns } from '../../identify/reverse-dns/port.ts';
import { reverseName } from '../../identify/reverse-dns/reverse-name.ts';

const QUERY_TIMEOUT_MS = 2_000;
const TIMEOUT_MS = 6_000;
const MAX_BYTES = 65_536;
/** RFC 1035, section 4.1.1: the codes of a name that exists, and of one that does not. */
const NO_ERROR = 0;
const NAME_ERROR = 3;
const TYPES = { A: 1, PTR: 12, AAAA: 28 };

const answerSchema = z.object({
  Status: z.int(),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]),
});

/** @param resolver URL of the service, such as https://cloudflare-dns.com/dns-query. */
export function httpsReverseDns(resolver: string): ReverseDns {
  return (address, suffixes) => {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    return confirmReverse(address, suffixes, {
      names: (of) => query(resolver, reverseName(of), 'PTR', deadline),
      addresses: (name, family) => query(resolver, name, family === 4 ? 'A' : 'AAAA', deadline),
    });
  };
}

async function query(
  resolver: string,
  name: string,
  type: keyof typeof TYPES,
  deadline: AbortSignal,
): Promise<string[]> {
  const url = new URL(resolver);
  url.searchParams.set('name', name);
  url.searchParams.set('type', type);
  const response = await fetch(url, {
    headers: { accept: 'application/dns-json' },
    redirect: 'manual',
    signal: AbortSignal.any([deadline, AbortSignal.timeout(QUERY_TIMEOUT_MS)]),
  });
  demandStatus(response.status, false);
  const body = response.body === null ? new Uint8Array() : await readBounded(response.body, MAX_BYTES);
  const { Status, Answer } = answerSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  if (Status === NAME_ERROR) return [];
  if (Status !== NO_ERROR) throw new Error(`the resolver answered ${name} with the code ${Status}`);
  return Answer.filter((record) => record.type === TYPES[type]).map(({ data }) => data);
}
