/**
 * Attributes a line of the upstream's log to a client: the one that it names, else the one that the gateway
 * identified by address.
 */

import { LRUCache } from 'lru-cache';
import { type CallerPrefixes, callerId, parseAddress } from '../identify/address.ts';
import { clientAddress, trustedProxies } from '../identify/client-address.ts';
import { PrefixTable } from '../identify/prefix-table.ts';
import type { LogLine } from './log-line.ts';

/** An address range of the directory. */
export interface ClientRange {
  readonly clientId: string;
  readonly cidr: string;
}

const CACHED = 10_000;

export type AttributeLine = (line: Pick<LogLine, 'clientId' | 'address'>) => string | null;

/**
 * @param proxies those that the gateway trusts. The address may be a list as in X-Forwarded-For, which ends with the
 *   gateway's own peer.
 * @returns the client's id; null if the line has neither a client nor an address.
 */
export function lineAttributor(
  ranges: readonly ClientRange[],
  proxies: readonly string[],
  prefixes: CallerPrefixes,
): AttributeLine {
  const table = new PrefixTable<string>();
  for (const { cidr, clientId } of ranges) table.add(cidr, clientId);
  const isTrusted = trustedProxies(proxies);
  const known = new LRUCache<string, string>({ max: CACHED });
  const byAddress = (text: string): string | null => {
    const hops = text.split(',').map((hop) => hop.trim());
    const peer = parseAddress(hops.pop() ?? '');
    if (peer === null) return null;
    const believed = clientAddress(peer, ['x-forwarded-for', hops.join(',')], 'x-forwarded-for', isTrusted);
    const clientId = table.find(believed) ?? callerId(believed, prefixes);
    known.set(text, clientId);
    return clientId;
  };
  return ({ clientId, address }) =>
    clientId ?? (address === null ? null : (known.get(address) ?? byAddress(address)));
}
