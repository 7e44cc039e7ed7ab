/**
 * Decides whether a list may replace the last good one. A wrong or hostile update could make real crawlers forged, or
 * any client a crawler.
 */

import { type Prefix, prefixFault } from './prefix.ts';
import { type ListSize, sizeOf } from './size.ts';

/** Upper bounds of what one list covers: four /8 of IPv4, four /19 of IPv6. */
const MAX_SIZE: ListSize = { v4: 4 * 2 ** 24, v6: 4 * 2 ** 45 };
/** Growth that is always accepted: a /16 of IPv4, a /32 of IPv6. */
const FREE_GROWTH: ListSize = { v4: 2 ** 16, v6: 2 ** 32 };
/** Beyond the free growth, a list may become at most this many times as large. */
const MAX_GROWTH = 10;
const FAMILIES = [
  ['v4', 'IPv4 addresses'],
  ['v6', 'IPv6 networks of /64'],
] as const;

/**
 * Why the list is refused; null if it may be used.
 * @param before the last good list. If it is null, shrinking and growth are not judged.
 */
export function listFault(prefixes: readonly Prefix[], before: readonly Prefix[] | null): string | null {
  for (const prefix of prefixes) {
    const fault = prefixFault(prefix);
    if (fault !== null) return `the list contains ${prefix.text}, which ${fault}`;
  }
  const size = sizeOf(prefixes);
  for (const [family, unit] of FAMILIES) {
    if (size[family] > MAX_SIZE[family]) return `the list covers more than ${MAX_SIZE[family]} ${unit}`;
  }
  return before === null ? null : changeFault(size, sizeOf(before));
}

function changeFault(size: ListSize, before: ListSize): string | null {
  for (const [family, unit] of FAMILIES) {
    const [now, then] = [size[family], before[family]];
    if (now * 2 < then) return `the list covers ${now} ${unit}, less than half of the ${then} before`;
    if (now > then * MAX_GROWTH + FREE_GROWTH[family])
      return `the list covers ${now} ${unit}, more than ${MAX_GROWTH} times the ${then} before`;
  }
  return null;
}
