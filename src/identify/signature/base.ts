/** The signature base of a request: the text over which a signature is made (RFC 9421, sections 2 and 2.5). */

import { isInnerList, serializeDictionary, serializeInnerList, serializeItem } from 'structured-headers';
import type { SignedFacts } from '../asker/port.ts';
import { fieldLines, fieldText, membersOf } from './fields.ts';
import type { ClaimedSignature, Component } from './read.ts';

export type BaseReason =
  | 'component_missing'
  | 'component_unknown'
  | 'component_ambiguous'
  | 'component_not_ascii';

export type SignatureBase =
  | { readonly kind: 'base'; readonly text: string }
  | { readonly kind: 'fault'; readonly reason: BaseReason };

class ComponentFault extends Error {
  readonly reason: BaseReason;

  constructor(reason: BaseReason) {
    super(reason);
    this.reason = reason;
  }
}

export function signatureBase(signature: ClaimedSignature, request: SignedFacts): SignatureBase {
  try {
    const { signerComponent, signerValue } = signature;
    const lines = signature.components.map(
      (component) =>
        `${component.id}: ${component.id === signerComponent ? signerValue : componentValue(component, request)}`,
    );
    const text = [...lines, `"@signature-params": ${signature.paramsText}`].join('\n');
    // Fields with other characters need `bs` (section 2.1.3).
    if (!/^[\t\n\x20-\x7e]*$/.test(text)) return { kind: 'fault', reason: 'component_not_ascii' };
    return { kind: 'base', text };
  } catch (error) {
    if (error instanceof ComponentFault) return { kind: 'fault', reason: error.reason };
    throw error;
  }
}

function componentValue(component: Component, request: SignedFacts): string {
  if (component.name.startsWith('@')) return derivedValue(component, request);
  return fieldComponent(component, request.headers);
}

function derivedValue({ name, parameters }: Component, request: SignedFacts): string {
  if (name === '@query-param')
    return queryParameter(parameters.get('name'), parameters.size, queryOf(request.target));
  if (parameters.size > 0) throw new ComponentFault('component_unknown');
  const scheme = request.secure ? 'https' : 'http';
  switch (name) {
    case '@method':
      return request.method;
    case '@scheme':
      return scheme;
    case '@authority':
      return authorityOf(request);
    case '@target-uri':
      return `${scheme}://${authorityOf(request)}${originForm(request.target)}`;
    case '@path':
      return pathPart(request.target);
    case '@query':
      return `?${queryOf(request.target)}`;
    default:
      throw new ComponentFault('component_unknown');
  }
}

/** The Host as the client sent it, in lower case, without the default port (section 2.2.3). */
function authorityOf({ host, secure }: SignedFacts): string {
  if (host === undefined) throw new ComponentFault('component_missing');
  return host.toLowerCase().replace(secure ? /:443$/ : /:80$/, '');
}

/** The path and query of a request target, which may be a whole URL (RFC 9112, section 3.2.2). */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function pathPart(target: string): string {
  const form = originForm(target);
  const end = form.indexOf('?');
  return end < 0 ? form : form.slice(0, end);
}

function queryOf(target: string): string {
  const start = target.indexOf('?');
  return start < 0 ? '' : target.slice(start + 1);
}

/** A parameter that occurs more than once must not be covered (section 2.2.8). */
function queryParameter(name: unknown, parameterCount: number, query: string): string {
  if (typeof name !== 'string' || parameterCount !== 1) throw new ComponentFault('component_unknown');
  const values = [...new URLSearchParams(query)].filter(([key]) => formEncoded(key) === name);
  if (values.length > 1) throw new ComponentFault('component_ambiguous');
  const [found] = values;
  if (found === undefined) throw new ComponentFault('component_missing');
  return formEncoded(found[1]);
}

/** The percent-encode set of application/x-www-form-urlencoded, with %20 for a space. */
function formEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Fields whose type is known, as `sf` requires: dictionaries (section 2.1.1). */
const DICTIONARIES = new Set([
  'accept-signature',
  'content-digest',
  'priority',
  'repr-digest',
  'signature',
  'signature-agent',
  'signature-input',
  'want-content-digest',
  'want-repr-digest',
]);

function fieldComponent({ name, parameters }: Component, headers: readonly string[]): string {
  const lines = fieldLines(headers, name);
  if (lines === null) throw new ComponentFault('component_missing');
  const [parameter, ...more] = parameters;
  if (parameter === undefined) return lines.join(', ');
  if (more.length > 0) throw new ComponentFault('component_unknown');
  const [kind, value] = parameter;
  if (kind === 'key' && typeof value === 'string') return memberOf(lines, value);
  if (kind === 'bs' && value === true) return lines.map(asBytes).join(', ');
  if (kind === 'sf' && value === true && DICTIONARIES.has(name)) {
    return parsed(() =>
      serializeDictionary(new Map([...membersOf(fieldText(lines))].map(([key, m]) => [key, m.value]))),
    );
  }
  throw new ComponentFault('component_unknown');
}

/** One member of a dictionary, serialised (section 2.1.2). */
function memberOf(lines: readonly string[], key: string): string {
  const member = parsed(() => membersOf(fieldText(lines)).get(key));
  if (member === undefined) throw new ComponentFault('component_missing');
  const { value } = member;
  return isInnerList(value) ? serializeInnerList(value) : serializeItem(value);
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch {
    // The field is not a structured field, so it has no such component.
    throw new ComponentFault('component_missing');
  }
}

/** A line as a byte sequence. Bytes of fields are received as Latin-1 (section 2.1.3). */
function asBytes(line: string): string {
  if (/[^\0-\xff]/.test(line)) throw new ComponentFault('component_unknown');
  return `:${btoa(line)}:`;
}
