/** What the probe found on one page. */

import type { Attempt } from './page.ts';

export interface PageReport {
  readonly target: string;
  readonly status: number;
  readonly contentType: string;
  readonly bytes: number;
  /** The configuration's result; null if it has no route for the page. */
  readonly counted: Attempt | null;
  /** The result of a route for the page's structure; null if no structure was found. */
  readonly shape: Attempt | null;
}
