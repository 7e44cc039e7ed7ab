/**
 * One entry of the access log: what an operator needs to find a request again. It contains no path and no address.
 */

import type { Asker } from '../rights/asker.ts';

export interface AccessEntry {
  /** Value of the request's X-Request-Id field; null if it is missing or unusable. */
  readonly requestId: string | null;
  readonly client: string;
  /** Null if the request was refused before its asker was classified. */
  readonly asker: Asker | null;
  /** Name of the matched route; empty if none matched. */
  readonly route: string;
  readonly posts: number;
  /** 0 if the client disconnected before a status existed. */
  readonly status: number;
  /** From the request's head to the end of the response. */
  readonly ms: number;
}

const USABLE = /^[\x21-\x7e]{1,128}$/;

/** @param headers flat list of names and values. */
export function requestIdOf(headers: readonly string[]): string | null {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'x-request-id') continue;
    const value = headers[at + 1]!;
    return USABLE.test(value) ? value : null;
  }
  return null;
}
