/**
 * Builds the headers for the upstream: it removes hop-by-hop fields, sets forwarding fields, and ensures that a
 * request whose response is counted asks only for forms that the counters read. All other fields stay unchanged.
 */

import { headerText, isSpoofed, type OwnHeader } from './client-header.ts';
import { type ForwardingOptions, pushForwarding } from './forwarding.ts';
import { connectionOptions, type HeaderClass, withoutHeaders } from './header-names.ts';
import { readableCodings, withoutCharsets } from './shape/accepting.ts';

/** The hop over which a request arrived. */
export interface Hop {
  /** The peer's address. */
  readonly peer: string;
  /** Only a trusted peer's forwarding fields are passed on; those of other peers are dropped (design, section 5). */
  readonly trusted: boolean;
  readonly secure: boolean;
}

export interface RequestHeaderOptions extends ForwardingOptions {
  readonly classOf: (name: string) => HeaderClass;
  /** Whether ranges are removed from requests whose responses are counted. */
  readonly removesRanges: boolean;
  /** Whether such requests offer only codings and character sets that we read. */
  readonly offersReadable: boolean;
  /** `client` keeps the Host that the client sent, from which a platform builds its links. */
  readonly host: 'client' | 'upstream';
  readonly upstreamHost: string;
  /** Our name in Via, or null to add none. */
  readonly via: string | null;
  /** Header that names the client to the upstream, or null to send none. */
  readonly clientHeader: OwnHeader | null;
  /** Header that tells the upstream who is asking, or null to send none. */
  readonly agentHeader: OwnHeader | null;
}

/** What is particular to one request. */
export interface RequestShape {
  /** True if the response may hold posts. */
  readonly isCounted: boolean;
  /** Fields with keys of ours: lower-case names and values, flat. */
  readonly secrets: readonly string[];
  /** Value of the header that tells the upstream who is asking. */
  readonly agent: string;
}

/**
 * Builds the flat header list of the upstream request; it always contains a Host field.
 * @param headers flat list of names and values, in received order and letter case.
 * @param clientId client of the request.
 */
export function requestHeaders(
  headers: readonly string[],
  hop: Hop,
  options: RequestHeaderOptions,
  clientId: string,
  shape: RequestShape,
): string[] {
  const { clientHeader, agentHeader, classOf } = options;
  const { secrets } = shape;
  const removesRanges = shape.isCounted && options.removesRanges;
  const offersReadable = shape.isCounted && options.offersReadable;
  const out: string[] = [];
  let hopOptions: readonly string[] = [];
  let host: string | undefined;
  let via = '';
  /** Index of the single value of Accept-Encoding. */
  let codingsAt = -1;
  let forwarded = '';
  let forwardedFor = '';
  let proto: string | undefined;
  let forwardedHost: string | undefined;
  let trailers = false;

  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    const value = headers[i + 1]!;
    switch (classOf(name)) {
      case 'end_to_end':
        if (clientHeader !== null && isSpoofed(name, clientHeader)) break;
        if (agentHeader !== null && isSpoofed(name, agentHeader)) break;
        if (secrets.length > 0 && isSecret(name, value, secrets)) break;
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
      case 'range':
        if (!removesRanges) out.push(name, value);
        break;
      case 'accept':
        out.push(name, offersReadable ? withoutCharsets(value) : value);
        break;
      case 'accept_encoding':
        if (!offersReadable || codingsAt === -1) {
          codingsAt = out.length + 1;
          out.push(name, value);
        } else out[codingsAt] += `, ${value}`;
        break;
      case 'accept_other':
        if (!offersReadable) out.push(name, value);
        break;
      case 'rewriting':
      case 'forwarding_other':
        if (hop.trusted) out.push(name, value);
        break;
      case 'hop_by_hop':
      // Trailers of requests are not forwarded.
      case 'trailer':
        break;
    }
  }

  if (offersReadable && codingsAt !== -1) out[codingsAt] = readableCodings(out[codingsAt]!);
  const kept = hopOptions.length === 0 ? out : withoutHeaders(out, hopOptions);
  kept.push('Host', options.host === 'client' && host !== undefined ? host : options.upstreamHost);
  const trustedFields = { forwarded, forwardedFor, proto, host: forwardedHost };
  pushForwarding(
    kept,
    trustedFields,
    { peer: hop.peer, scheme: hop.secure ? 'https' : 'http', host },
    options,
  );
  if (options.via !== null) kept.push('Via', joined(via, `1.1 ${options.via}`));
  else if (via !== '') kept.push('Via', via);
  if (trailers) kept.push('TE', 'trailers');
  if (clientHeader !== null) kept.push(clientHeader.name, headerText(clientId));
  if (agentHeader !== null) kept.push(agentHeader.name, shape.agent);
  return kept;
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}

function isSecret(name: string, value: string, secrets: readonly string[]): boolean {
  for (let i = 0; i < secrets.length; i += 2) {
    if (secrets[i + 1] === value && name.toLowerCase() === secrets[i]) return true;
  }
  return false;
}
