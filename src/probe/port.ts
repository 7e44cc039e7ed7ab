/** What a probe of a running gateway needs from outside: one response of the platform. */

import type { ProbedPage } from './page.ts';

export interface FetchedPage extends ProbedPage {
  /** The value of the header in which the platform declares its count. */
  readonly declaredCount: string | undefined;
  /** True if the body was longer than the limit, or did not end in time. */
  readonly isTruncated: boolean;
}

/** Fetches pages of the platform's origin, and of no other. Redirects within it are followed. */
export interface Platform {
  /** The origin, for example `https://api.example`. */
  readonly origin: string;
  /** `target` is a path with a query. Returns null if there is no response. */
  fetch(target: string, headers: Readonly<Record<string, string>>): Promise<FetchedPage | null>;
}
