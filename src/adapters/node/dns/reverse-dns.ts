/** Queries of reverse DNS on Node, by c-ares: they occupy no thread of the process. */

import { NODATA, NOTFOUND } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { confirmReverse } from '../../../identify/reverse-dns/confirm.ts';
import type { ReverseDns } from '../../../identify/reverse-dns/port.ts';
import { reverseName } from '../../../identify/reverse-dns/reverse-name.ts';

export interface ReverseDnsOptions {
  /** Addresses of DNS servers, with a port if it is not 53. Default: those of the system. */
  readonly servers?: readonly string[];
  /** Time limit of one query. Default 2,000. */
  readonly queryTimeoutMs?: number;
  /** Time limit of all queries for one address. Default 6,000. */
  readonly timeoutMs?: number;
}

export function nodeReverseDns(options: ReverseDnsOptions = {}): ReverseDns {
  const { servers, queryTimeoutMs = 2_000, timeoutMs = 6_000 } = options;
  return async (address, suffixes) => {
    // One resolver for each address, because only all queries of a resolver can be cancelled together.
    const resolver = new Resolver({ timeout: queryTimeoutMs, tries: 1 });
    if (servers !== undefined) resolver.setServers(servers);
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      resolver.cancel();
    }, timeoutMs);
    const ask = (query: () => Promise<string[]>): Promise<string[]> =>
      isOver ? Promise.reject(new Error('the time limit of the address has passed')) : query().catch(orNone);
    try {
      return await confirmReverse(address, suffixes, {
        // Not `reverse`: it reads the hosts file, and reports a time-out as if there were no name.
        names: (of) => ask(() => resolver.resolvePtr(reverseName(of))),
        addresses: (name, family) =>
          ask(() => (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name))),
      });
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The zone answers that there is no such record. */
function orNone(error: NodeJS.ErrnoException): string[] {
  if (error.code === NOTFOUND || error.code === NODATA) return [];
  throw error;
}
