/** Counts what a list of prefixes covers, without counting nested prefixes twice. */

import { containsPrefix, type Prefix } from './prefix.ts';

export interface ListSize {
  /** IPv4 addresses. */
  readonly v4: number;
  /** IPv6 networks of /64. A longer prefix counts as its part of one. */
  readonly v6: number;
}

export function sizeOf(prefixes: readonly Prefix[]): ListSize {
  const size = { v4: 0, v6: 0 };
  const ordered = prefixes.toSorted((a, b) => compare(a.hex, b.hex) || a.length - b.length);
  let last: Prefix | null = null;
  for (const prefix of ordered) {
    // In this order a prefix comes directly after those that contain it.
    if (last !== null && containsPrefix(last, prefix)) continue;
    last = prefix;
    if (prefix.isV4) size.v4 += 2 ** (32 - prefix.length);
    else size.v6 += 2 ** (64 - prefix.length);
  }
  return size;
}

function compare(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
