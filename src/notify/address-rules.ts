/**
 * The addresses to which messages may go. An operator of the console must not be able to reach services that only this
 * machine reaches: link-local, loopback and metadata addresses are refused by name, and again after resolution.
 */

import ipaddr from 'ipaddr.js';

export interface AddressRules {
  /** Allows private networks, and http:// to loopback. */
  readonly allowPrivate: boolean;
}

export interface AddressFault {
  readonly reason: string;
  readonly hint: string;
}

const PUBLIC_HINT = 'use a host name of a public service';
const PRIVATE_HINT = 'use a host name of a public service, or set receivers.allowPrivate';

/** Metadata services outside link-local ranges: AWS (IPv6), Alibaba, Azure. */
const METADATA = new Set(['fd00:ec2::254', '100.100.100.200', '168.63.129.16']);
/** Ranges that `allowPrivate` allows. */
const PRIVATE = new Set(['private', 'uniqueLocal', 'carrierGradeNat', 'loopback']);

/** Why a URL is not allowed, judged by scheme, name and literal address; null if it is. */
export function urlFault(text: string, rules: AddressRules): AddressFault | null {
  if (!URL.canParse(text))
    return { reason: 'is not a URL', hint: 'use one such as https://hooks.example/alerts' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return { reason: 'contains a user name or password', hint: 'remove them; requests are signed instead' };
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const isLoopback = host === 'localhost' || rangeOf(host) === 'loopback';
  const mayBePlain = rules.allowPrivate && isLoopback && url.protocol === 'http:';
  if (url.protocol !== 'https:' && !mayBePlain)
    return { reason: 'is not an https:// URL', hint: 'use https://' };
  return hostFault(host, rules);
}

function hostFault(host: string, rules: AddressRules): AddressFault | null {
  if (ipaddr.isValid(host)) return addressFault(host, rules);
  if (host.endsWith('.internal') || host === 'metadata')
    return { reason: 'names an internal service', hint: PUBLIC_HINT };
  const isLocal = host === 'localhost' || host.endsWith('.localhost') || !host.includes('.');
  if (isLocal && !rules.allowPrivate)
    return { reason: 'names a host of a private network', hint: PRIVATE_HINT };
  return null;
}

/** Why an IP address, literal or resolved, is not allowed; null if it is. */
export function addressFault(address: string, { allowPrivate }: AddressRules): AddressFault | null {
  if (!ipaddr.isValid(address)) return { reason: 'is not an IP address', hint: PUBLIC_HINT };
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (METADATA.has(parsed.toString()))
    return { reason: `is the address ${parsed} of a metadata service`, hint: PUBLIC_HINT };
  if (range === 'unicast' || (allowPrivate && PRIVATE.has(range))) return null;
  return {
    reason: `leads to ${parsed}, which is ${WORDS[range] ?? 'not a public address'}`,
    hint: PRIVATE.has(range) ? PRIVATE_HINT : PUBLIC_HINT,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  linkLocal: 'a link-local address',
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  carrierGradeNat: 'a private address',
};

function rangeOf(host: string): string | null {
  return ipaddr.isValid(host) ? ipaddr.process(host).range() : null;
}
