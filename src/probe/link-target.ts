/** Where a link leads on the origin of a site. */

import type { ProbedPage } from './page.ts';

/** The path and query of a link; null if it points to another origin. */
export function linkTarget(base: URL, page: Pick<ProbedPage, 'target'>, href: string): string | null {
  const from = new URL(page.target, base);
  if (!URL.canParse(href, from.href)) return null;
  const url = new URL(href, from);
  return url.origin === base.origin ? url.pathname + url.search : null;
}
