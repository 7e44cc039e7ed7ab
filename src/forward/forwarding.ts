/**
 * The forwarding fields of a request: X-Forwarded-* and Forwarded (RFC 7239). Both are built from the one field that
 * is accepted from trusted proxies, so they always agree.
 */

import parseForwarded from 'forwarded-parse';

export interface ForwardingOptions {
  /** The field that is accepted from a trusted proxy, if it sends both. */
  readonly forwardedHeader: 'x-forwarded-for' | 'forwarded';
  /** Whether an address is a trusted proxy. */
  readonly isTrusted: (address: string) => boolean;
  readonly sendsForwarded: boolean;
  readonly sendsXForwarded: boolean;
}

/** Field values from a trusted proxy; empty or undefined if it sent none, or if the peer is not trusted. */
export interface ForwardingFields {
  readonly forwarded: string;
  readonly forwardedFor: string;
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

/** The hop over which the request arrived. */
export interface LastHop {
  readonly peer: string;
  readonly scheme: 'http' | 'https';
  readonly host: string | undefined;
}

interface Chain {
  /** The addresses in front of the peer, starting with the client. */
  readonly nodes: readonly string[];
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

const NONE: Chain = { nodes: [], proto: undefined, host: undefined };

/** Adds the forwarding fields to a flat list. */
export function pushForwarding(
  out: string[],
  fields: ForwardingFields,
  hop: LastHop,
  options: ForwardingOptions,
): void {
  const chain = chainOf(fields, options);
  const proto = chain.proto ?? hop.scheme;
  const host = chain.host ?? hop.host;
  if (options.sendsXForwarded) {
    const before = chain.nodes.length === 0 ? '' : `${chain.nodes.join(', ')}, `;
    out.push('X-Forwarded-For', before + hop.peer, 'X-Forwarded-Proto', proto);
    if (host !== undefined) out.push('X-Forwarded-Host', host);
  }
  if (!options.sendsForwarded) return;
  const value = forwardedValue(chain.nodes, hop.peer, proto, host);
  if (value !== undefined) out.push('Forwarded', value);
}

function chainOf(fields: ForwardingFields, { forwardedHeader, isTrusted }: ForwardingOptions): Chain {
  const hasForwarded = fields.forwarded !== '';
  const hasXForwarded = fields.forwardedFor !== '' || fields.proto !== undefined || fields.host !== undefined;
  if (!hasForwarded && !hasXForwarded) return NONE;
  if (hasForwarded && (forwardedHeader === 'forwarded' || !hasXForwarded)) {
    return chainInForwarded(fields.forwarded, isTrusted);
  }
  const nodes = fields.forwardedFor.split(',').map((node) => node.trim());
  return { nodes: nodes.filter((node) => node !== ''), proto: fields.proto, host: fields.host };
}

/**
 * Proto and host come from the outermost trusted proxy, because that proxy saw the client. Everything left of its
 * element can be forged.
 */
function chainInForwarded(forwarded: string, isTrusted: (address: string) => boolean): Chain {
  let elements: ReturnType<typeof parseForwarded>;
  try {
    elements = parseForwarded(forwarded);
  } catch {
    return NONE;
  }
  const nodes = elements.map((element) => addressIn(element.for ?? 'unknown'));
  let outermost = nodes.length - 1;
  while (outermost > 0 && isTrusted(nodes[outermost]!)) outermost--;
  const { proto, host } = elements[outermost] ?? {};
  return { nodes, proto, host };
}

/** The address without brackets and port, as X-Forwarded-For has it. */
function addressIn(node: string): string {
  const [, v6, v4] = /^(?:\[([^\]]*)\](?::\w+)?|(\d+\.\d+\.\d+\.\d+):\w+)$/.exec(node) ?? [];
  return v6 ?? v4 ?? node;
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * Undefined if the field cannot be built from the values of the trusted proxy. Every element has the same proto and
 * host.
 */
function forwardedValue(
  nodes: readonly string[],
  peer: string,
  proto: string,
  host: string | undefined,
): string | undefined {
  // A list of schemes comes from several proxies, the outermost first.
  const scheme = proto.split(',', 1)[0]!.trim().toLowerCase();
  if (!TOKEN.test(scheme)) return undefined;
  const rest = host === undefined ? `;proto=${scheme}` : `;host=${quotedUnlessToken(host)};proto=${scheme}`;
  if (nodes.length === 0) return `for=${nodeText(peer)}${rest}`;
  const texts = [...nodes, peer].map(nodeText);
  return texts.includes(undefined) ? undefined : texts.map((text) => `for=${text}${rest}`).join(', ');
}

/** A node of RFC 7239, section 6: IPv6 and ports are quoted. Undefined if the text is not a node. */
function nodeText(node: string): string | undefined {
  if (/^(?:[\d.]+|unknown|_[\w.-]+)$/.test(node)) return node;
  if (/^[\da-f.]*:[\da-f:.]*$/i.test(node) && node.indexOf(':') !== node.lastIndexOf(':'))
    return `"[${node}]"`;
  return /^(?:[\d.]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(node) ? `"${node}"` : undefined;
}

/**
 * There are few hosts, and every request needs one. The cache is bounded, because a client can invent any number of
 * names.
 */
const MAX_QUOTED = 1_000;
const quoted = new Map<string, string>();

function quotedUnlessToken(value: string): string {
  const known = quoted.get(value);
  if (known !== undefined) return known;
  const text = TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (quoted.size < MAX_QUOTED) quoted.set(value, text);
  return text;
}
