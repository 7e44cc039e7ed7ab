/** IP addresses: their canonical form, and the ids of clients that are known only by their address. */

import ipaddr from 'ipaddr.js';
import { CALLER, RANGE } from '../meter/client-id.ts';

export interface Address {
  /** Dotted decimal, or RFC 5952. */
  readonly text: string;
  /** 4 or 16 bytes. An IPv4-mapped IPv6 address (::ffff:203.0.113.7) is stored as the IPv4 address. */
  readonly bytes: readonly number[];
}

/** 45 characters of IPv6, and a zone. */
const MAX_LENGTH = 64;

/**
 * Returns null for any text that is not one whole address. Octal, hexadecimal and short IPv4 forms (10.1, 0x7f.1) are
 * refused.
 */
export function parseAddress(text: string): Address | null {
  if (text.length > MAX_LENGTH) return null;
  if (!text.includes(':'))
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? fromParsed(ipaddr.parse(text)) : null;
  // A zone (fe80::1%eth0) names an interface of this machine and does not identify the caller.
  const zoneAt = text.indexOf('%');
  const bare = zoneAt < 0 ? text : text.slice(0, zoneAt);
  return ipaddr.IPv6.isValid(bare) ? fromParsed(ipaddr.parse(bare)) : null;
}

/** The number of address bits that identify one unknown caller. */
export interface CallerPrefixes {
  /** 24 to 32. */
  readonly ipv4Prefix: number;
  /** 48 to 64. */
  readonly ipv6Prefix: number;
}

/** One IPv4 address, or one IPv6 /56, because a provider gives a customer up to that much (RFC 6177, RIPE-690). */
export const DEFAULT_PREFIXES: CallerPrefixes = { ipv4Prefix: 32, ipv6Prefix: 56 };

/**
 * The client id of an unknown caller: `addr:203.0.113.7`, `addr:2001:db8:1::/56`. A caller controls its whole prefix;
 * with a longer prefix it could become a new client with each request.
 */
export function callerId(address: Address, { ipv4Prefix, ipv6Prefix }: CallerPrefixes): string {
  if (address.bytes.length === 16) return CALLER + rangeText(address, ipv6Prefix);
  return CALLER + (ipv4Prefix === 32 ? address.text : rangeText(address, ipv4Prefix));
}

/** Whether a text is the id of an unknown caller or of a range of unknown callers, in canonical form. */
export function isCallerId(text: string): boolean {
  const start = [CALLER, RANGE].find((prefix) => text.startsWith(prefix));
  if (start === undefined) return false;
  const [addressText = '', lengthText, ...rest] = text.slice(start.length).split('/');
  const address = parseAddress(addressText);
  if (address === null || rest.length > 0) return false;
  if (lengthText === undefined) return start === CALLER && text === CALLER + address.text;
  const length = Number(lengthText);
  const isLength = Number.isInteger(length) && length >= 1 && length <= address.bytes.length * 8;
  return isLength && text === start + rangeText(address, length);
}

/**
 * The client id that many unknown callers of one range share: `net:203.0.113.0/24`, `net:2001:db8::/48`.
 * @param prefixLength in bits.
 */
export function prefixId(address: Address, prefixLength: number): string {
  return RANGE + rangeText(address, prefixLength);
}

function rangeText(address: Address, prefixLength: number): string {
  const network = address.bytes.map((byte, index) => byte & maskOf(prefixLength - index * 8));
  return `${textOf(ipaddr.fromByteArray(network))}/${prefixLength}`;
}

/** The mask of a byte whose first `bits` bits belong to the network. */
function maskOf(bits: number): number {
  return bits <= 0 ? 0 : (0xff00 >> Math.min(8, bits)) & 0xff;
}

function fromParsed(parsed: ipaddr.IPv4 | ipaddr.IPv6): Address {
  const address =
    parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
  return { text: textOf(address), bytes: address.toByteArray() };
}

function textOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
