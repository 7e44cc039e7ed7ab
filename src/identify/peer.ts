/** The peer of a connection: its address in canonical form, and whether it is a trusted proxy. */

import { LRUCache } from 'lru-cache';
import { type Address, parseAddress } from './address.ts';

export interface Peer {
  readonly address: string;
  readonly trusted: boolean;
}

/** Cache size: a peer is parsed once, not once per request. The least recently used entry is evicted. */
const CACHED = 10_000;

/** @returns `unknown`, the word of RFC 7239, and no trust for an address that is missing or unreadable. */
export function peerReader(isTrusted: (address: Address) => boolean): (remote: string | undefined) => Peer {
  const peers = new LRUCache<string, Peer>({ max: CACHED });
  return (remote = '') => {
    const known = peers.get(remote);
    if (known !== undefined) return known;
    const address = parseAddress(remote);
    const peer =
      address === null
        ? { address: 'unknown', trusted: false }
        : { address: address.text, trusted: isTrusted(address) };
    peers.set(remote, peer);
    return peer;
  };
}
