/**
 * What a proxy does with a header by its name: RFC 9110, section 7.6.1 (hop-by-hop) and RFC 7239 (forwarding).
 * Names come in the sender's own letter case; a bounded cache spares the lower-casing on every request.
 */

export type HeaderClass =
  | 'end_to_end'
  | 'hop_by_hop'
  | 'connection'
  | 'te'
  | 'trailer'
  | 'host'
  | 'via'
  | 'forwarded'
  | 'x_forwarded_for'
  | 'x_forwarded_proto'
  | 'x_forwarded_host'
  | 'forwarding_other'
  /** Asks for a part of the answer. */
  | 'range'
  | 'accept'
  | 'accept_encoding'
  /** Asks for the answer in a form that the counters do not read. */
  | 'accept_other'
  /** May make a platform serve another path, host or method than the one that was matched. */
  | 'rewriting';

const CLASS_OF: Readonly<Record<string, HeaderClass>> = {
  connection: 'connection',
  'proxy-connection': 'hop_by_hop',
  'keep-alive': 'hop_by_hop',
  'transfer-encoding': 'hop_by_hop',
  upgrade: 'hop_by_hop',
  // We answer 100 Continue ourselves once the request is admitted (RFC 9110, section 10.1.1).
  expect: 'hop_by_hop',
  te: 'te',
  // Announces trailers. Whether there can be any depends on the framing of each hop.
  trailer: 'trailer',
  host: 'host',
  via: 'via',
  forwarded: 'forwarded',
  'x-forwarded-for': 'x_forwarded_for',
  'x-forwarded-proto': 'x_forwarded_proto',
  'x-forwarded-host': 'x_forwarded_host',
  'x-forwarded-port': 'forwarding_other',
  'x-real-ip': 'forwarding_other',
  // What networks of delivery write for the servers behind them, and a client may write as well.
  'x-client-ip': 'forwarding_other',
  'x-cluster-client-ip': 'forwarding_other',
  'true-client-ip': 'forwarding_other',
  'cf-connecting-ip': 'forwarding_other',
  'cf-connecting-ipv6': 'forwarding_other',
  'cf-visitor': 'forwarding_other',
  'cf-worker': 'forwarding_other',
  'fastly-client-ip': 'forwarding_other',
  range: 'range',
  'if-range': 'range',
  // Apache reads it as Range.
  'request-range': 'range',
  accept: 'accept',
  'accept-encoding': 'accept_encoding',
  // Instance manipulations (RFC 3229) code a body without a Content-Encoding.
  'a-im': 'accept_other',
  'accept-charset': 'accept_other',
};

/** What frameworks, servers and proxies are known to read in place of the request line or the Host field. */
export const REWRITING_HEADERS: readonly string[] = [
  'X-Original-URL',
  'X-Original-URI',
  'X-Original-Path',
  'X-Original-Method',
  'X-Original-Host',
  'X-Rewrite-URL',
  'X-Rewrite-URI',
  'X-Override-URL',
  'X-HTTP-Method-Override',
  'X-HTTP-Method',
  'X-Method-Override',
  'X-HTTP-Path-Override',
  'X-HTTP-Host-Override',
  'X-Host',
  'X-Forwarded',
  'X-Forwarded-Method',
  'X-Forwarded-Path',
  'X-Forwarded-Prefix',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-URI',
  'X-Forwarded-URL',
  'X-Envoy-Original-Host',
  'X-Envoy-Original-Path',
  'X-Proxy-URL',
  'X-Replaced-Path',
  'X-Script-Name',
  'Script-Name',
  'Path-Info',
  'Request-URI',
];

/** A hostile sender can invent names without end; beyond this many, names are looked up without being kept. */
const CACHE_MAX = 2_000;

/**
 * Makes the lookup of classes.
 * @param rewriting names of the class `rewriting`, in any letter case.
 */
export function headerClasses(rewriting: readonly string[]): (name: string) => HeaderClass {
  const classes: Record<string, HeaderClass> = { ...CLASS_OF };
  for (const name of rewriting) classes[name.toLowerCase()] ??= 'rewriting';
  const cache = new Map<string, HeaderClass>();
  return (name) => {
    const known = cache.get(name);
    if (known !== undefined) return known;
    const lower = name.toLowerCase();
    const found = (Object.hasOwn(classes, lower) ? classes[lower] : undefined) ?? underlined(lower, classes);
    if (cache.size < CACHE_MAX) cache.set(name, found);
    return found;
  };
}

export const classOfHeader = headerClasses([]);

/**
 * CGI and what came of it (PHP, WSGI) take `_` for `-`: to them X_Forwarded_For is X-Forwarded-For, which is ours to
 * write, and Transfer_Encoding a framing field that nobody reads.
 */
function underlined(lowerName: string, classes: Readonly<Record<string, HeaderClass>>): HeaderClass {
  if (!lowerName.includes('_')) return 'end_to_end';
  const meant = lowerName.replaceAll('_', '-');
  return meant === 'content-length' || Object.hasOwn(classes, meant) ? 'hop_by_hop' : 'end_to_end';
}

/** Connection options that name no header of their own. */
const PLAIN_OPTIONS = new Set(['', 'close', 'keep-alive', 'upgrade', 'te']);

const NO_OPTIONS: readonly string[] = [];

/** Header names (lower case) that a Connection field declares to be for this hop only. */
export function connectionOptions(value: string): readonly string[] {
  // What nearly every message says; it is on the way of each twice.
  if (value === 'keep-alive' || value === 'close') return NO_OPTIONS;
  return value
    .split(',')
    .map((option) => option.trim().toLowerCase())
    .filter((option) => !PLAIN_OPTIONS.has(option) && option !== 'host');
}

/** The flat header list without the named fields. */
export function withoutHeaders(headers: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.includes(headers[i]!.toLowerCase())) kept.push(headers[i]!, headers[i + 1]!);
  }
  return kept;
}

/** Value of a field of a flat header list by its lower-case name, several joined by a comma; undefined if there is none. */
export function fieldValue(headers: readonly string[], lowerName: string): string | undefined {
  const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]!.toLowerCase() === lowerName);
  return values.length === 0 ? undefined : values.join(', ');
}
