/**
 * The header that tells the upstream whose request it is, so that its own log can be reconciled client by client. Only
 * we write it: what comes by that name from outside is taken out.
 */

import { classOfHeader } from './header-names.ts';

export interface ClientHeader {
  /** As it is sent. */
  readonly name: string;
  /** In lower case, with - for _. */
  readonly key: string;
}

/** What a request means something by: a platform that got a client's name in one of these would answer otherwise. */
const TAKEN =
  /^(accept.*|authorization|cache-control|content-.*|cookie|date|if-.*|origin|pragma|range|referer|sec-.*|user-agent|x-api-key)$/;

/** Whether a header of this name can carry the client: none that HTTP, forwarding or the platform gives a meaning. */
export function mayNameClients(name: string): boolean {
  const key = keyOf(name);
  return classOfHeader(key) === 'end_to_end' && !TAKEN.test(key);
}

export function clientHeaderOf(name: string): ClientHeader {
  return { name, key: keyOf(name) };
}

/**
 * Whether a name from outside would be read as ours. CGI, WSGI and Rack know `Postmeter_Client` and `Postmeter-Client`
 * by one variable, so both are. The length first: it spares nearly all names the change of case.
 */
export function isSpoofed(name: string, { key }: ClientHeader): boolean {
  return name.length === key.length && keyOf(name) === key;
}

/** An id as it may stand in a header: visible ASCII, all else (which no id of the directory has) percent-encoded. */
export function headerText(clientId: string): string {
  return /^[!-~]*$/.test(clientId)
    ? clientId
    : clientId.replace(/\p{Cs}/gu, '\ufffd').replace(/[^!-~]/gu, encodeURIComponent);
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
