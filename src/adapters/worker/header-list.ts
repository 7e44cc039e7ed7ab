/** Converts headers between the runtime's form and the flat list of the stages. */

import type { Headers } from '@cloudflare/workers-types';
import { runtime } from './runtime.ts';

/** Returns a flat list with names in lower case. A loop over the entries is slower (measured: 6.3 µs instead of 4.8). */
export function headerListOf(headers: Headers): string[] {
  const list: string[] = [];
  headers.forEach((value, name) => {
    list.push(name, value);
  });
  return list;
}

/**
 * Does the same as `headersOf` for a list derived from the runtime's own headers. The runtime copies its headers at once,
 * and only the differences are deleted, set or appended.
 * @param from the result of `headerListOf` for `own`.
 */
export function headersLike(own: Headers, from: readonly string[], list: readonly string[]): Headers {
  const headers = new runtime.Headers(own);
  let at = 0;
  for (let of = 0; of < from.length; of += 2) {
    const name = from[of]!;
    const isKept = list[at] === name;
    if (isKept && list[at + 1] === from[of + 1]) at += 2;
    // Only Set-Cookie can occur in `own` more than once.
    else if (name === 'set-cookie') return headersOf(list);
    else if (isKept) {
      headers.set(name, list[at + 1]!);
      at += 2;
    } else headers.delete(name);
  }
  for (; at < list.length; at += 2) headers.append(list[at]!, list[at + 1]!);
  return headers;
}

/** Appends one by one: the runtime iterates over each pair of a list of pairs (measured with nine fields: 44 µs, not 8). */
export function headersOf(list: readonly string[]): Headers {
  const headers = new runtime.Headers();
  for (let at = 0; at < list.length; at += 2) headers.append(list[at]!, list[at + 1]!);
  return headers;
}
