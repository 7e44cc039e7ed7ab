/** A request as the Workers' runtime gives it, read as the stages read it. */

import type { Request } from '@cloudflare/workers-types';
import type { IncomingFacts } from '../../gateway.ts';

/** A URL of the runtime is absolute and normalised: scheme, `//`, host, and a path that begins with `/`. */
export function hostOf(url: string): string {
  const from = url.indexOf('//') + 2;
  return url.slice(from, url.indexOf('/', from));
}

/** Path and query, as the runtime leaves them: percent-encodings untouched, dot segments resolved. */
export function targetOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

export function factsOf(request: Request): IncomingFacts {
  const headers: string[] = [];
  let peer: string | undefined;
  let host: string | undefined;
  for (const [name, value] of request.headers) {
    headers.push(name, value);
    if (name === 'host') host = value;
    // Cloudflare's own word for the other end of the connection; it lets no one else's through.
    else if (name === 'cf-connecting-ip') peer = value;
  }
  const { method, url } = request;
  return { method, target: targetOf(url), headers, host, peer, secure: url.startsWith('https:') };
}

/** A list of the stages' as the runtime takes it. */
export function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at]!, flat[at + 1]!]);
  return pairs;
}
