/**
 * Determines the client's address: the peer's, or the one that trusted proxies name in Forwarded (RFC 7239) or
 * X-Forwarded-For. Both headers are read from the right, because each proxy appends the address that called it, and
 * everything left of the first untrusted address can be forged.
 */

import parseForwarded from 'forwarded-parse';
import { type Address, parseAddress } from './address.ts';
import { PrefixTable } from './prefix-table.ts';

export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

const WORDS: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** No deployment has more proxies; a longer list is an attempt to waste our time. */
const MAX_HOPS = 32;

/** Whether an address is a trusted proxy. Accepts ranges and the words loopback and private. */
export function trustedProxies(ranges: readonly string[]): (address: Address) => boolean {
  const table = new PrefixTable<true>();
  for (const range of ranges.flatMap((text) => WORDS[text] ?? [text])) table.add(range, true);
  return (address) => table.find(address) === true;
}

/**
 * Follows the header from the peer to the left while the addresses are trusted proxies, and returns the first address
 * that is not; the leftmost if all are. An entry that is not an address (malformed, `unknown`, an obfuscated `_name`)
 * ends the search: the result is the trusted proxy that wrote it, never a guess.
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
    if (++hops > MAX_HOPS) return current;
    const node = header === 'forwarded' ? forwardedFor(entry) : entry;
    const next = parse(node) ?? parse(withoutPort(node));
    if (next === null) return current;
    current = next;
    if (!isTrusted(current)) return current;
  }
  return current;
}

/**
 * The entries of all lines of the header, the last first. Commas in quotes do not separate entries. Quotes are also
 * paired from the right, so that a quote which a client left open cannot swallow what a proxy appended.
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

/** The `for` of one element of Forwarded; empty if there is none. */
function forwardedFor(element: string): string {
  try {
    const [parsed, ...more] = parseForwarded(element);
    return more.length > 0 ? '' : (parsed?.for ?? '');
  } catch {
    // forwarded-parse throws if the syntax is not that of RFC 7239. The result is the same as for `unknown`.
    return '';
  }
}

/** The address in `192.0.2.1:4711`, `[2001:db8::1]` or `[2001:db8::1]:4711`; empty for any other form. */
function withoutPort(node: string): string {
  const parts = /^(?:([\d.]+)|\[([\da-f.]*:[\da-f:.]*)\])(?::(?:\d{1,5}|_[\w.-]+))?$/i.exec(node);
  return parts?.[1] ?? parts?.[2] ?? '';
}
