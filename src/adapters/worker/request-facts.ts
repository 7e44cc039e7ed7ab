/** A request as the Workers' runtime gives it, read as the stages read it. */

import type { Request } from '@cloudflare/workers-types';
import type { IncomingFacts } from '../../gateway.ts';

/** A URL of the runtime is absolute and normalised: scheme, `//`, host, and a path that begins with `/`. */
export function hostOf(url: string): string {
  const from = url.indexOf('//') + 2;
  return url.slice(from, url.indexOf('/', from));
}

/** Whether the URL is on the host that is named: with its port, or without one, and then at any port. */
export function isOnHost(url: string, named: string): boolean {
  const host = comparable(hostOf(url));
  const wanted = comparable(named);
  return host === wanted || (host.startsWith(wanted) && host[wanted.length] === ':');
}

/** Names of hosts are alike in any letter case, and with the dot of the root behind them (RFC 3986, section 3.2.2). */
function comparable(host: string): string {
  return host.toLowerCase().replace(/\.(?=$|:\d+$)/, '');
}

/** Path and query, as the runtime leaves them: percent-encodings untouched, dot segments resolved. */
export function targetOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

/** @param received what `listOf` gave for the headers. */
export function factsOf({ method, url }: Request, received: readonly string[]): IncomingFacts {
  let headers = received;
  let peer: string | undefined;
  let host: string | undefined;
  for (let at = 0; at < received.length; at += 2) {
    const name = received[at];
    if (name === 'host') host = received[at + 1];
    else if (name === 'cookie') headers = withSemicolons(headers, at + 1);
    // Cloudflare's own word for the other end of the connection; it lets no one else's through.
    else if (name === 'cf-connecting-ip') peer = received[at + 1];
  }
  return { method, target: targetOf(url), headers, host, peer, secure: url.startsWith('https:') };
}

/**
 * The runtime joins two Cookie fields by a comma, where a semicolon belongs (RFC 9113, section 8.2.3). No cookie has a
 * comma in it (RFC 6265, section 4.1.1); one that has it nevertheless keeps it, unless the name of another seems to follow.
 */
function withSemicolons(headers: readonly string[], at: number): readonly string[] {
  const cookies = headers[at]!;
  if (!cookies.includes(', ')) return headers;
  return headers.with(at, cookies.replace(/, (?=[^\s=;,"]+=)/g, '; '));
}
