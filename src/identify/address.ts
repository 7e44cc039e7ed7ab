/** IP addresses: one canonical form for each, and the name of a caller that is known by its address alone. */

import ipaddr from 'ipaddr.js';

export interface Address {
  /** Dotted decimal, or RFC 5952. */
  readonly text: string;
  /** 4 or 16 of them. An IPv4-mapped IPv6 address (::ffff:203.0.113.7) is the IPv4 address. */
  readonly bytes: readonly number[];
}

/** 45 characters of IPv6, and a zone. */
const LONGEST = 64;

/** Null for all that is not one whole address: octal, hexadecimal and short IPv4 forms (10.1, 0x7f.1) are refused. */
export function parseAddress(text: string): Address | null {
  if (text.length > LONGEST) return null;
  if (!text.includes(':'))
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? fromParsed(ipaddr.parse(text)) : null;
  // A zone (fe80::1%eth0) names an interface of this machine, it says nothing about who calls.
  const zoneAt = text.indexOf('%');
  const bare = zoneAt < 0 ? text : text.slice(0, zoneAt);
  return ipaddr.IPv6.isValid(bare) ? fromParsed(ipaddr.parse(bare)) : null;
}

/**
 * The client of an unknown caller: `addr:203.0.113.7`, or `addr:2001:db8:1:2::/64`, since a single customer is given
 * no less than a /64 (RFC 6177) and could otherwise be a new client with each request.
 */
export function callerId(address: Address): string {
  return address.bytes.length === 4 ? `addr:${address.text}` : `addr:${rangeText(address, 64)}`;
}

const PREFIX = 'net:';

/**
 * The client that stands for many unknown callers of one range: `net:203.0.113.0/24`, `net:2001:db8::/48`.
 * @param prefixLength in bits, a multiple of 8.
 */
export function prefixId(address: Address, prefixLength: number): string {
  return PREFIX + rangeText(address, prefixLength);
}

/** Whether a client is a range of unknown callers: several parties, of whom nobody can say which took what. */
export function isPrefix(clientId: string): boolean {
  return clientId.startsWith(PREFIX);
}

function rangeText(address: Address, prefixLength: number): string {
  const network = address.bytes.map((byte, index) => (index < prefixLength / 8 ? byte : 0));
  return `${textOf(ipaddr.fromByteArray(network))}/${prefixLength}`;
}

function fromParsed(parsed: ipaddr.IPv4 | ipaddr.IPv6): Address {
  const address =
    parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
  return { text: textOf(address), bytes: address.toByteArray() };
}

function textOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
