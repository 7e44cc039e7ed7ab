/** The headers that go on to the upstream: hop-by-hop fields out, forwarding fields set, all else untouched. */

import { type ClientHeader, headerText, isSpoofed } from './client-header.ts';
import { classOfHeader, connectionOptions, withoutHeaders } from './header-names.ts';

/** The hop that a request came over. */
export interface Hop {
  /** Address of the socket's other end. */
  readonly peer: string;
  /** Only a trusted peer's forwarding fields are passed on; anybody else's are dropped (design, section 5). */
  readonly trusted: boolean;
  readonly secure: boolean;
}

export interface RequestHeaderOptions {
  /** `client`: the Host that the client sent; a platform builds its links from it. */
  readonly host: 'client' | 'upstream';
  readonly upstreamHost: string;
  /** Our name in Via, or null to add none. */
  readonly via: string | null;
  /** Header that tells the upstream whose request it is, or null to tell nothing. */
  readonly clientHeader: ClientHeader | null;
}

/**
 * @param headers flat list: name, value, name, value, in received order and letter case.
 * @param clientId whose request it is.
 * @returns a new flat list; a Host field is always in it.
 */
export function requestHeaders(
  headers: readonly string[],
  hop: Hop,
  options: RequestHeaderOptions,
  clientId: string,
): string[] {
  const { clientHeader } = options;
  const out: string[] = [];
  let hopOptions: readonly string[] = [];
  let host: string | undefined;
  let via = '';
  let forwarded = '';
  let forwardedFor = '';
  let proto: string | undefined;
  let forwardedHost: string | undefined;
  let trailers = false;

  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    const value = headers[i + 1]!;
    switch (classOfHeader(name)) {
      case 'end_to_end':
        if (clientHeader !== null && isSpoofed(name, clientHeader)) break;
        out.push(name, value);
        break;
      case 'host':
        host = value;
        break;
      case 'via':
        via = joined(via, value);
        break;
      case 'connection':
        hopOptions = hopOptions.concat(connectionOptions(value));
        break;
      case 'te':
        trailers ||= /(^|,)\s*trailers\s*($|[,;])/i.test(value);
        break;
      case 'forwarded':
        if (hop.trusted) forwarded = joined(forwarded, value);
        break;
      case 'x_forwarded_for':
        if (hop.trusted) forwardedFor = joined(forwardedFor, value);
        break;
      case 'x_forwarded_proto':
        if (hop.trusted) proto = value;
        break;
      case 'x_forwarded_host':
        if (hop.trusted) forwardedHost = value;
        break;
      case 'forwarding_other':
        if (hop.trusted) out.push(name, value);
        break;
      case 'hop_by_hop':
      // Trailers of requests are not forwarded.
      case 'trailer':
        break;
    }
  }

  const kept = hopOptions.length === 0 ? out : withoutHeaders(out, hopOptions);
  const scheme = hop.secure ? 'https' : 'http';
  kept.push('Host', options.host === 'client' && host !== undefined ? host : options.upstreamHost);
  kept.push('X-Forwarded-For', joined(forwardedFor, hop.peer));
  kept.push('X-Forwarded-Proto', proto ?? scheme);
  if ((forwardedHost ?? host) !== undefined) kept.push('X-Forwarded-Host', forwardedHost ?? host!);
  kept.push('Forwarded', joined(forwarded, forwardedElement(hop.peer, scheme, host)));
  if (options.via !== null) kept.push('Via', joined(via, `1.1 ${options.via}`));
  else if (via !== '') kept.push('Via', via);
  if (trailers) kept.push('TE', 'trailers');
  if (clientHeader !== null) kept.push(clientHeader.name, headerText(clientId));
  return kept;
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}

/** One element of RFC 7239, section 4; IPv6 and ports must be quoted (section 6). */
function forwardedElement(peer: string, scheme: string, host: string | undefined): string {
  const node = peer.includes(':') ? `"[${peer}]"` : peer;
  if (host === undefined) return `for=${node};proto=${scheme}`;
  return `for=${node};host=${quotedUnlessToken(host)};proto=${scheme}`;
}

/** Hosts are few, and asked for with every request; a client can invent names without end, so not all are kept. */
const QUOTED_MAX = 1_000;
const quoted = new Map<string, string>();

function quotedUnlessToken(value: string): string {
  const known = quoted.get(value);
  if (known !== undefined) return known;
  const text = /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (quoted.size < QUOTED_MAX) quoted.set(value, text);
  return text;
}
