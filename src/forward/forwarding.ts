/**
 * The forwarding fields of a request: X-Forwarded-* and Forwarded (RFC 7239). Both are built from the one that a trusted
 * proxy is believed in, so that they always agree.
 */

import parseForwarded from 'forwarded-parse';

export interface ForwardingOptions {
  /** Which of the two a trusted proxy is believed in, if it sends both. */
  readonly forwardedHeader: 'x-forwarded-for' | 'forwarded';
  /** Whether an address is a proxy that we believe. */
  readonly isTrusted: (address: string) => boolean;
  readonly sendsForwarded: boolean;
  readonly sendsXForwarded: boolean;
}

/** What a trusted proxy said; empty or undefined if it did not, or if the peer is not trusted. */
export interface Said {
  readonly forwarded: string;
  readonly forwardedFor: string;
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

/** The hop that the request came over. */
export interface LastHop {
  readonly peer: string;
  readonly scheme: 'http' | 'https';
  readonly host: string | undefined;
}

interface Chain {
  /** The addresses in front of the peer, the client's first. */
  readonly nodes: readonly string[];
  readonly proto: string | undefined;
  readonly host: string | undefined;
}

const NONE: Chain = { nodes: [], proto: undefined, host: undefined };

/** Adds the forwarding fields to a flat list. */
export function pushForwarding(out: string[], said: Said, hop: LastHop, options: ForwardingOptions): void {
  const chain = chainOf(said, options);
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

function chainOf(said: Said, { forwardedHeader, isTrusted }: ForwardingOptions): Chain {
  const hasForwarded = said.forwarded !== '';
  const hasXForwarded = said.forwardedFor !== '' || said.proto !== undefined || said.host !== undefined;
  if (!hasForwarded && !hasXForwarded) return NONE;
  if (hasForwarded && (forwardedHeader === 'forwarded' || !hasXForwarded)) {
    return chainInForwarded(said.forwarded, isTrusted);
  }
  const nodes = said.forwardedFor.split(',').map((node) => node.trim());
  return { nodes: nodes.filter((node) => node !== ''), proto: said.proto, host: said.host };
}

/**
 * Proto and host are those of the outermost trusted proxy: it is the one that saw the client. What is left of its
 * element may be anyone's invention.
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

/** Without brackets and port, as X-Forwarded-For has it. */
function addressIn(node: string): string {
  const [, v6, v4] = /^(?:\[([^\]]*)\](?::\w+)?|(\d+\.\d+\.\d+\.\d+):\w+)$/.exec(node) ?? [];
  return v6 ?? v4 ?? node;
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Undefined if it cannot be built from what the trusted proxy said. Every element has the same proto and host. */
function forwardedValue(
  nodes: readonly string[],
  peer: string,
  proto: string,
  host: string | undefined,
): string | undefined {
  // A list of schemes is of several proxies, the outermost first.
  const scheme = proto.split(',', 1)[0]!.trim().toLowerCase();
  if (!TOKEN.test(scheme)) return undefined;
  const rest = host === undefined ? `;proto=${scheme}` : `;host=${quotedUnlessToken(host)};proto=${scheme}`;
  if (nodes.length === 0) return `for=${nodeText(peer)}${rest}`;
  const texts = [...nodes, peer].map(nodeText);
  return texts.includes(undefined) ? undefined : texts.map((text) => `for=${text}${rest}`).join(', ');
}

/** A node of RFC 7239, section 6: IPv6 and ports are quoted. Undefined for what is not a node. */
function nodeText(node: string): string | undefined {
  if (/^(?:[\d.]+|unknown|_[\w.-]+)$/.test(node)) return node;
  if (/^[\da-f.]*:[\da-f:.]*$/i.test(node) && node.indexOf(':') !== node.lastIndexOf(':'))
    return `"[${node}]"`;
  return /^(?:[\d.]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(node) ? `"${node}"` : undefined;
}

/** Hosts are few, and needed for every request; a client can invent names without end, so not all are kept. */
const QUOTED_MAX = 1_000;
const quoted = new Map<string, string>();

function quotedUnlessToken(value: string): string {
  const known = quoted.get(value);
  if (known !== undefined) return known;
  const text = TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (quoted.size < QUOTED_MAX) quoted.set(value, text);
  return text;
}
