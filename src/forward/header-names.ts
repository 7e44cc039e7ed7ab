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
  | 'forwarding_other';

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
};

/** A hostile sender can invent names without end; beyond this many, names are looked up without being kept. */
const CACHE_MAX = 2_000;
const cache = new Map<string, HeaderClass>();

export function classOfHeader(name: string): HeaderClass {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const found = CLASS_OF[lower] ?? (isForged(lower) ? 'hop_by_hop' : 'end_to_end');
  if (cache.size < CACHE_MAX) cache.set(name, found);
  return found;
}

/**
 * CGI and what came of it (PHP, WSGI) take `_` for `-`: to them X_Forwarded_For is X-Forwarded-For, which is ours to
 * write, and Transfer_Encoding a framing field that nobody heeded.
 */
function isForged(lowerName: string): boolean {
  if (!lowerName.includes('_')) return false;
  const meant = lowerName.replaceAll('_', '-');
  return meant === 'content-length' || CLASS_OF[meant] !== undefined;
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
