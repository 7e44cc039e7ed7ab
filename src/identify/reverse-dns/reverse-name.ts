/** The name under which reverse DNS stores the names of an address. */

import type { Address } from '../address.ts';

/** `1.66.249.66.in-addr.arpa` (RFC 1035, section 3.5), or 32 hex digits before `ip6.arpa` (RFC 3596, section 2.5). */
export function reverseName({ bytes }: Address): string {
  if (bytes.length === 4) return `${bytes.toReversed().join('.')}.in-addr.arpa`;
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${[...digits].toReversed().join('.')}.ip6.arpa`;
}
