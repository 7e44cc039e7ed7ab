/**
 * Classifies headers by name: hop-by-hop fields (RFC 9110, section 7.6.1), forwarding fields (RFC 7239) and those
 * that affect the response. Names come in the sender's letter case; a bounded cache avoids lower-casing them on every
 * request.
 */

const CLASS_OF = {
  connection: 'connection',
  'proxy-connection': 'hop_by_hop',
  'keep-alive': 'hop_by_hop',
  'transfer-encoding': 'hop_by_hop',
  upgrade: 'hop_by_hop',
  // We send 100 Continue ourselves once the request is admitted (RFC 9110, section 10.1.1).
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
  // Written by content delivery networks for the servers behind them; a client can forge them.
  'x-client-ip': 'forwarding_other',
  'x-cluster-client-ip': 'forwarding_other',
  'true-client-ip': 'forwarding_other',
  'cf-connecting-ip': 'forwarding_other',
  'cf-connecting-ipv6': 'forwarding_other',
  'cf-visitor': 'forwarding_other',
  'cf-worker': 'forwarding_other',
  'fastly-client-ip': 'forwarding_other',
  // These request a part of the response.
  range: 'range',
  'if-range': 'range',
  // Apache reads it as Range.
  'request-range': 'range',
  accept: 'accept',
  'accept-encoding': 'accept_encoding',
  // These request a form of the response that the counters do not read.
  // Instance manipulations (RFC 3229) encode a body without a Content-Encoding.
  'a-im': 'accept_other',
  'accept-charset': 'accept_other',
} as const;

/** `rewriting`: may make a platform serve another path, host or method than the one that was matched. */
export type HeaderClass = (typeof CLASS_OF)[keyof typeof CLASS_OF] | 'end_to_end' | 'rewriting';

/** Headers that frameworks, servers and proxies are known to read instead of the request line or the Host field. */
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

/** A hostile sender can invent any number of names; beyond this many, names are looked up but not cached. */
const MAX_CACHED = 2_000;

/** Creates the lookup of header classes. @param rewriting names of the class `rewriting`, in any letter case. */
export function headerClasses(rewriting: readonly string[]): (name: string) => HeaderClass {
  const classes: Record<string, HeaderClass> = { ...CLASS_OF };
  for (const name of rewriting) classes[name.toLowerCase()] ??= 'rewriting';
  const cache = new Map<string, HeaderClass>();
  return (name) => {
    const known = cache.get(name);
    if (known !== undefined) return known;
    const lower = name.toLowerCase();
    const found = (Object.hasOwn(classes, lower) ? classes[lower] : undefined) ?? underlined(lower, classes);
    if (cache.size < MAX_CACHED) cache.set(name, found);
    return found;
  };
}

export const classOfHeader = headerClasses([]);

/**
 * Classifies a name with `_` by the name with `-`. CGI and its descendants (PHP, WSGI) treat both alike: for them
 * X_Forwarded_For is X-Forwarded-For, which only we may write, and Transfer_Encoding is a framing field.
 */
function underlined(lowerName: string, classes: Readonly<Record<string, HeaderClass>>): HeaderClass {
  if (!lowerName.includes('_')) return 'end_to_end';
  const meant = lowerName.replaceAll('_', '-');
  return meant === 'content-length' || Object.hasOwn(classes, meant) ? 'hop_by_hop' : 'end_to_end';
}

/** Connection options that do not name a header. */
const PLAIN_OPTIONS = new Set(['', 'close', 'keep-alive', 'upgrade', 'te']);

const NO_OPTIONS: readonly string[] = [];

/** Header names (lower case) that a Connection field declares to be hop-by-hop. */
export function connectionOptions(value: string): readonly string[] {
  // Nearly every message has one of these values, and each request needs this call twice.
  if (value === 'keep-alive' || value === 'close') return NO_OPTIONS;
  return value
    .split(',')
    .map((option) => option.trim().toLowerCase())
    .filter((option) => !PLAIN_OPTIONS.has(option) && option !== 'host');
}

/** Returns the flat header list without the named fields. */
export function withoutHeaders(headers: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.includes(headers[i]!.toLowerCase())) kept.push(headers[i]!, headers[i + 1]!);
  }
  return kept;
}

/**
 * The value of a field in a flat header list, by its lower-case name. Several values are joined by a comma; undefined
 * if there is none.
 */
export function fieldValue(headers: readonly string[], lowerName: string): string | undefined {
  const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]!.toLowerCase() === lowerName);
  return values.length === 0 ? undefined : values.join(', ');
}
