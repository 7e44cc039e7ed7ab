/**
 * The client's address: the connection's own, or the one that trusted proxies vouch for in Forwarded (RFC 7239) or
 * X-Forwarded-For. Only what a trusted proxy wrote itself is believed, so both are read from the right: each proxy
 * appends whom it was called by, and what stands left of the first untrusted address may be anyone's invention.
 */

import parseForwarded from 'forwarded-parse';
import { type Address, parseAddress } from './address.ts';
import { PrefixTable } from './prefix-table.ts';

export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

const WORDS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** More proxies than anyone has; a list that is longer is somebody's attempt to keep us busy. */
const MOST_HOPS = 32;

/** Whether an address is a proxy that we believe. Takes ranges and the words loopback and private. */
export function trustedProxies(ranges: readonly string[]): (address: Address) => boolean {
  const table = new PrefixTable<true>();
  for (const range of ranges.flatMap((text) => WORDS[text] ?? [text])) table.add(range, true);
  return (address) => table.find(address) === true;
}

/**
 * Follows the header from the connection's peer leftwards for as long as the addresses are trusted proxies, and
 * answers the first that is not; the leftmost where all are. An entry that is no address (malformed, `unknown`, an
 * obfuscated `_name`) ends the way: the answer is the trusted proxy that wrote it, never a guess.
 */
export function clientAddress(
  peer: Address,
  rawHeaders: readonly string[],
  header: ForwardedHeader,
  isTrusted: (address: Address) => boolean,
  parse: (text: string) => Address | null = parseAddress,
): Address {
  let current = peer;
  if (!isTrusted(current)) return current;
  let hops = 0;
  for (const entry of entriesFromRight(rawHeaders, header)) {
    if (++hops > MOST_HOPS) return current;
    const node = header === 'forwarded' ? forwardedFor(entry) : entry;
    const next = parse(node) ?? parse(withoutPort(node));
    if (next === null) return current;
    current = next;
    if (!isTrusted(current)) return current;
  }
  return current;
}

/**
 * The entries of all lines of the header, the last first. Commas in quotes do not count. The quotes are paired from
 * the right as well: one that a client left open cannot swallow what a proxy appended.
 */
function* entriesFromRight(rawHeaders: readonly string[], header: ForwardedHeader): Generator<string> {
  for (let line = rawHeaders.length - 2; line >= 0; line -= 2) {
    const name = rawHeaders[line]!;
    if (name.length !== header.length || name.toLowerCase() !== header) continue;
    const value = rawHeaders[line + 1]!;
    let end = value.length;
    let quoted = false;
    for (let at = end - 1; at >= 0; at--) {
      if (value[at] === '"') quoted = !quoted;
      if (value[at] !== ',' || quoted) continue;
      yield value.slice(at + 1, end).trim();
      end = at;
    }
    yield value.slice(0, end).trim();
  }
}

/** The `for` of one element of Forwarded; empty where there is none. */
function forwardedFor(element: string): string {
  try {
    const [parsed, ...more] = parseForwarded(element);
    return more.length > 0 ? '' : (parsed?.for ?? '');
  } catch {
    // forwarded-parse throws where the syntax is not that of RFC 7239; the answer to it is the same as to `unknown`.
    return '';
  }
}

/** The address in `192.0.2.1:4711`, `[2001:db8::1]` or `[2001:db8::1]:4711`; empty where it is none of these. */
function withoutPort(node: string): string {
  const parts = /^(?:([\d.]+)|\[([\da-f.]*:[\da-f:.]*)\])(?::(?:\d{1,5}|_[\w.-]+))?$/i.exec(node);
  return parts?.[1] ?? parts?.[2] ?? '';
}
