/**
 * Forward-confirmed reverse DNS: an address is an agent's if its name is under a suffix of the agent and the name leads
 * back to the address. The owner of an address controls its reverse zone, so the name alone proves nothing.
 */

import type { Address } from '../address.ts';
import { parseAddress } from '../address.ts';
import type { DnsQueries, ReverseFinding } from './port.ts';

/** Names of one address that are confirmed. An agent's address has one. */
const MAX_NAMES = 4;
const MAX_NAME_LENGTH = 253;
/** Anyone can run programs under these names. */
const SHARED_SUFFIXES = ['.gae.googleusercontent.com'];

/**
 * One query at a time, at most five in all. A query without an answer makes the result `error`, unless another name
 * confirms the address.
 */
export async function confirmReverse(
  address: Address,
  suffixes: readonly string[],
  dns: DnsQueries,
): Promise<ReverseFinding> {
  let all: readonly string[];
  try {
    all = await dns.names(address);
  } catch {
    return { result: 'error', names: [] };
  }
  const names = fittingNames(all, suffixes);
  let isUnanswered = false;
  for (const name of names) {
    try {
      const leadsTo = await dns.addresses(name, address.bytes.length === 4 ? 4 : 6);
      if (leadsTo.some((text) => parseAddress(text)?.text === address.text))
        return { result: 'verified', names: [name] };
    } catch {
      isUnanswered = true;
    }
  }
  return { result: isUnanswered ? 'error' : 'denied', names: names.length > 0 ? names : shownNames(all) };
}

/** Names under one of the suffixes, lower case, without those that prove nothing: at most four. */
export function fittingNames(all: readonly string[], suffixes: readonly string[]): string[] {
  const dotted = suffixes.map((suffix) => `.${suffix.toLowerCase().replace(/^\./, '')}`);
  const fits = (name: string) =>
    dotted.some((suffix) => name.endsWith(suffix)) &&
    !SHARED_SUFFIXES.some((suffix) => name.endsWith(suffix));
  return [...new Set(all.map(plainName).filter(isHostName))].filter(fits).slice(0, MAX_NAMES);
}

/** What people see of names that do not fit. */
function shownNames(all: readonly string[]): string[] {
  return all.map(plainName).filter(isHostName).slice(0, MAX_NAMES);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function isHostName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(name);
}
