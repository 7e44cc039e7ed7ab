/** The networks around the address of a caller. */

import { type Address, prefixId } from '../identify/address.ts';
import { RANGE } from '../meter/client-id.ts';

/** The network of one organisation: the /24 of an IPv4 address, the /48 of an IPv6 address. */
export function networkOf({ bytes, ...address }: Address): string {
  if (bytes.length === 16) return prefixId({ bytes, ...address }, 48).slice(RANGE.length);
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.0/24`;
}

/** The wider network: the /16 of an IPv4 address, the /32 of an IPv6 address. */
export function wideNetworkOf({ bytes, ...address }: Address): string {
  if (bytes.length === 16) return prefixId({ bytes, ...address }, 32).slice(RANGE.length);
  return `${bytes[0]}.${bytes[1]}.0.0/16`;
}
