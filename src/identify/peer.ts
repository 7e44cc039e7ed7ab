/** The other end of a connection: its address in canonical form, and whether its word on others is believed. */

import { LRUCache } from 'lru-cache';
import { type Address, parseAddress } from './address.ts';

export interface Peer {
  readonly address: string;
  readonly trusted: boolean;
}

/** Looked at once a peer, not once a request; the least recently used goes. */
const CACHED = 10_000;

/** @returns for an address that is gone or unreadable: RFC 7239's word for it, and no trust. */
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
