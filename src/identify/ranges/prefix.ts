/** Prefixes of published lists: their canonical text, and which of them a list may contain. */

import ipaddr from 'ipaddr.js';
import { parseRange } from '../prefix-table.ts';

export interface Prefix {
  /** Canonical: no bits beyond the length, always with a length. */
  readonly text: string;
  /** The network as one character of two hex digits per byte, so that text order is address order. */
  readonly hex: string;
  readonly isV4: boolean;
  /** In bits. */
  readonly length: number;
}

/** Shortest lengths: a wider prefix covers more than any operator of agents has. */
const MIN_LENGTH_V4 = 8;
const MIN_LENGTH_V6 = 19;

/** Returns null if the text is not an address or a range. Bits beyond the length are cleared. */
export function parsePrefix(text: string): Prefix | null {
  const range = parseRange(text);
  if (range === null) return null;
  const { address, prefixLength: length } = range;
  const network = address.bytes.map(
    (byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, length - at * 8))),
  );
  const bytes = network.map((byte) => byte & 0xff);
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const parsed = ipaddr.fromByteArray(bytes);
  const shown = parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
  return { text: `${shown}/${length}`, hex, isV4: bytes.length === 4, length };
}

/** Whether `outer` contains `inner`. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  if (outer.isV4 !== inner.isV4 || outer.length > inner.length) return false;
  const digits = outer.length >> 2;
  if (!inner.hex.startsWith(outer.hex.slice(0, digits))) return false;
  const bits = outer.length & 3;
  if (bits === 0) return true;
  const digitOf = ({ hex }: Prefix) => Number.parseInt(hex[digits]!, 16) >> (4 - bits);
  return digitOf(outer) === digitOf(inner);
}

/** Why a list must not contain the prefix; null if it may. */
export function prefixFault(prefix: Prefix): string | null {
  const minLength = prefix.isV4 ? MIN_LENGTH_V4 : MIN_LENGTH_V6;
  if (prefix.length < minLength) return `is wider than /${minLength}`;
  const isPublic = prefix.isV4 || containsPrefix(GLOBAL_V6, prefix);
  const special = SPECIAL.find((one) => containsPrefix(one, prefix) || containsPrefix(prefix, one));
  if (isPublic && special === undefined) return null;
  return special === undefined
    ? 'is not in public address space'
    : `overlaps ${special.text}, which is not public`;
}

const known = (text: string): Prefix => parsePrefix(text)!;
/** Global unicast (RFC 4291, section 2.4). Mapped and translated IPv4 addresses are outside of it. */
const GLOBAL_V6 = known('2000::/3');
/** Special-purpose addresses (RFC 6890 and the IANA registries). */
const SPECIAL = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
].map(known);
