/**
 * Resolves names for outgoing connections. Every address of a name is checked, and the connection goes to one of them:
 * no second resolution can lead elsewhere (DNS rebinding).
 */

import { type LookupAddress, lookup } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { type AddressRules, addressFault } from '../../../notify/address-rules.ts';

export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

/** The `code` of an error for a name that leads to a refused address. */
export const ADDRESS_REFUSED = 'address_refused';

export function pinnedLookup(resolve: ResolveName, rules: AddressRules): LookupFunction {
  return (name, { all }, done) => {
    resolve(name)
      .then((found) => allowedOf(name, found, rules))
      .then(
        // Node's `all` wants a list, a single connection one address. Both have been checked.
        (found) => (all ? done(null, [...found]) : done(null, found[0]!.address, found[0]!.family)),
        (error: NodeJS.ErrnoException) => done(error, ''),
      );
  };
}

/** The system's resolver, with its hosts file. It occupies a thread of the process for each name. */
export const resolveBySystem: ResolveName = (name) =>
  new Promise((fulfil, reject) => {
    lookup(name, { all: true }, (error, found) => (error === null ? fulfil(found) : reject(error)));
  });

/**
 * Resolves by DNS alone and occupies no thread: names that strangers choose must not exhaust the threads that write the
 * journal. Without `servers`, those of the system are used.
 */
export function resolveByDns(servers?: readonly string[]): ResolveName {
  return async (name) => {
    const resolver = new Resolver({ timeout: 2_000, tries: 1 });
    if (servers !== undefined) resolver.setServers(servers);
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = [
      ...(v4.status === 'fulfilled' ? v4.value : []).map((address) => ({ address, family: 4 })),
      ...(v6.status === 'fulfilled' ? v6.value : []).map((address) => ({ address, family: 6 })),
    ];
    if (found.length === 0 && v4.status === 'rejected') throw v4.reason;
    return found;
  };
}

/** A name that also leads to a refused address is refused as a whole. */
function allowedOf(
  name: string,
  found: readonly LookupAddress[],
  rules: AddressRules,
): readonly LookupAddress[] {
  if (found.length === 0) throw new Error(`${name} has no address`);
  for (const { address } of found) {
    const fault = addressFault(address, rules);
    if (fault !== null)
      throw Object.assign(new Error(`${name} ${fault.reason}: ${fault.hint}`), { code: ADDRESS_REFUSED });
  }
  return found;
}
