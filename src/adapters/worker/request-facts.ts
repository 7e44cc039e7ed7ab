/** Reads a request of the Workers' runtime for the stages. */

import type { Request } from '@cloudflare/workers-types';
import type { IncomingFacts } from '../../identify/incoming-facts.ts';

/** @param url of the runtime, which is absolute and normalised: scheme, `//`, host, and a path that begins with `/`. */
export function hostOf(url: string): string {
  const from = url.indexOf('//') + 2;
  return url.slice(from, url.indexOf('/', from));
}

/** @param expected host name. Without a port, it matches any port. */
export function isOnHost(url: string, expected: string): boolean {
  const host = normalizedHost(hostOf(url));
  const name = normalizedHost(expected);
  return host === name || (host.startsWith(name) && host[name.length] === ':');
}

/** Host names are case-insensitive, and may end with the dot of the root (RFC 3986, section 3.2.2). */
function normalizedHost(host: string): string {
  return host.toLowerCase().replace(/\.(?=$|:\d+$)/, '');
}

/** Returns path and query. The runtime resolves dot segments, and leaves percent-encodings unchanged. */
export function targetOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

/**
 * @param received the result of `headerListOf` for the headers.
 * @param trustsCategory whether Cloudflare's verdict on bots is used. A client cannot set it.
 */
export function factsOf(
  { method, url, cf }: Request,
  received: readonly string[],
  trustsCategory: boolean,
): IncomingFacts {
  let headers = received;
  let peer: string | undefined;
  let host: string | undefined;
  for (let at = 0; at < received.length; at += 2) {
    const name = received[at];
    if (name === 'host') host = received[at + 1];
    else if (name === 'cookie') headers = withSemicolons(headers, at + 1);
    // Cloudflare sets this header to the client's address, and removes it from the client's request.
    else if (name === 'cf-connecting-ip') peer = received[at + 1];
  }
  const facts = { method, target: targetOf(url), headers, host, peer, secure: url.startsWith('https:') };
  const { verifiedBotCategory } = (cf ?? {}) as { readonly verifiedBotCategory?: string };
  return trustsCategory && verifiedBotCategory ? { ...facts, botCategory: verifiedBotCategory } : facts;
}

/**
 * The runtime joins Cookie fields by a comma instead of a semicolon (RFC 9113, section 8.2.3). A cookie contains no comma
 * (RFC 6265, section 4.1.1). One that contains a comma anyway keeps it, unless the text after it looks like another cookie.
 */
function withSemicolons(headers: readonly string[], at: number): readonly string[] {
  const cookies = headers[at]!;
  if (!cookies.includes(', ')) return headers;
  return headers.with(at, cookies.replace(/, (?=[^\s=;,"]+=)/g, '; '));
}
