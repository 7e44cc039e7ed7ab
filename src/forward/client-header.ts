/**
 * The headers that name the client and its agent to the upstream, so that the upstream's log can be reconciled client by
 * client. Only the gateway writes them: fields of these names from outside are removed.
 */

import { classOfHeader } from './header-names.ts';

export interface OwnHeader {
  /** The name as it is sent. */
  readonly name: string;
  /** The name in lower case, with - for _. */
  readonly key: string;
}

/**
 * Request headers that platforms interpret: a platform that found a client's name in one of these would respond
 * differently.
 */
const TAKEN =
  /^(accept.*|authorization|cache-control|content-.*|cookie|date|if-.*|origin|pragma|range|referer|sec-.*|user-agent|x-api-key)$/;

/**
 * Whether a header of this name can carry the client or its agent: HTTP, forwarding and platforms must give it no other meaning.
 */
export function mayNameClients(name: string): boolean {
  const key = keyOf(name);
  return classOfHeader(key) === 'end_to_end' && !TAKEN.test(key);
}

export function ownHeaderOf(name: string): OwnHeader {
  return { name, key: keyOf(name) };
}

/**
 * Whether a name from outside would be read as ours. CGI, WSGI and Rack read `Postmeter_Client` and
 * `Postmeter-Client` as the same variable, so both match. Comparing lengths first avoids the lower-casing of nearly
 * all names.
 */
export function isSpoofed(name: string, { key }: OwnHeader): boolean {
  return name.length === key.length && keyOf(name) === key;
}

/**
 * An id as a header value: visible ASCII; all other characters, which no id of the directory has, are
 * percent-encoded.
 */
export function headerText(clientId: string): string {
  return /^[!-~]*$/.test(clientId)
    ? clientId
    : clientId.replace(/\p{Cs}/gu, '\ufffd').replace(/[^!-~]/gu, encodeURIComponent);
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
