/** Validates address ranges and converts them to their canonical form, so that one range has one spelling. */

import ipaddr from 'ipaddr.js';
import type { FieldError } from '../tariff/terms.ts';

export type NetworkResult =
  | { readonly ok: true; readonly cidr: string }
  | { readonly ok: false; readonly fault: Omit<FieldError, 'field'> };

const HINT = 'write it as 203.0.113.0/24, 203.0.113.7 or 2001:db8::/48';

/** Returns the canonical form of a range (`203.0.113.0/24`, `2001:db8::/48`). A bare address is a range of one. */
export function canonicalNetwork(text: string): NetworkResult {
  const [addressText = '', prefixText, ...rest] = text.split('/');
  if (rest.length > 0 || !isStrictAddress(addressText)) return fault('is not a valid address range', HINT);
  const address = ipaddr.parse(addressText);
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  if (prefixText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefixText)) {
    return fault('has a prefix length that is not a number', HINT);
  }
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits)
    return fault(`has a prefix length over ${bits}`, `use /1 to /${bits}, usually /24 or /48`);
  if (prefix === 0) return fault('covers every address', 'name the ranges of this client');
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    return fault('is an IPv4 address in IPv6 form', 'write it as IPv4, for example 203.0.113.0/24');
  }
  const network = networkOf(address, prefix);
  if (network !== canonicalAddress(address)) {
    return fault('has bits set beyond its prefix', `did you mean ${network}/${prefix}?`);
  }
  return { ok: true, cidr: `${network}/${prefix}` };
}

/** Accepts only complete addresses. Octal or short IPv4 such as 10.1, and IPv6 with a zone, are invalid. */
function isStrictAddress(text: string): boolean {
  if (text.includes(':')) return !text.includes('%') && ipaddr.IPv6.isValid(text);
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

function networkOf(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): string {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return canonicalAddress(ipaddr.fromByteArray(bytes));
}

/** RFC 5952 for IPv6. */
function canonicalAddress(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

function fault(reason: string, hint: string): NetworkResult {
  return { ok: false, fault: { reason, hint } };
}
