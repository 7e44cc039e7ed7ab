/** One line of the access log: what an operator needs to find a request again. No path and no address of its own. */

export interface AccessEntry {
  /** As the request's X-Request-Id names it; null without a usable one. */
  readonly requestId: string | null;
  readonly client: string;
  /** Name of the route that matched; empty without one. */
  readonly route: string;
  readonly posts: number;
  /** 0: the client left before there was one. */
  readonly status: number;
  /** From the request's head to the end of the response. */
  readonly ms: number;
}

const USABLE = /^[\x21-\x7e]{1,128}$/;

/** @param headers flat list. */
export function requestIdOf(headers: readonly string[]): string | null {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== 'x-request-id') continue;
    const value = headers[at + 1]!;
    return USABLE.test(value) ? value : null;
  }
  return null;
}
