/** Counts one response of the platform as the gateway would, and explains the count selector by selector. */

import { decide } from '../count/count-decision.ts';
import type { ExplainedSelector } from '../count/explanation.ts';
import { matchRoute } from '../count/route/match.ts';
import type { CompiledRoutes } from '../count/route/rule.ts';
import type { UncountedReason } from '../count/uncounted.ts';
import { readPage } from './page.ts';
import type { FetchedPage } from './port.ts';

export interface PageCount {
  /** Null if the posts could not be counted. */
  readonly posts: number | null;
  /** `header` if the platform declared the count, `none` if nothing was read, otherwise the format of the body. */
  readonly by: string;
  readonly uncounted: UncountedReason | null;
  /** The route that reads the body; null if none does. */
  readonly route: string | null;
  /** Routes whose path and method match. The media type selects among them. */
  readonly fitting: readonly string[];
  /** Posts found in the body. Differs from `posts` if the platform declares another count. */
  readonly postsInBody: number | null;
  readonly selectors: readonly ExplainedSelector[];
}

export function countPage(page: FetchedPage, routes: CompiledRoutes): PageCount {
  const match = matchRoute(routes, 'GET', page.target);
  const { declaredCount, contentType } = page;
  const fields = { declaredCount, contentType, contentEncoding: undefined };
  const decision = decide('GET', page.status, fields, match);
  const read = readPage(page, routes);
  const fitting = match.map(({ name }) => name);
  const body = {
    route: read?.rule.name ?? null,
    fitting,
    postsInBody: read === null ? null : read.result.posts,
    selectors: read?.selectors ?? [],
  };
  if (decision.kind === 'declared') return { posts: decision.posts, by: 'header', uncounted: null, ...body };
  if (decision.kind === 'uncounted') return { posts: null, by: 'none', uncounted: decision.reason, ...body };
  if (read === null) return { posts: 0, by: 'none', uncounted: null, ...body };
  const { posts, uncounted = null } = read.result;
  // The valid frames of a stream count even if others are invalid.
  const isCounted = uncounted === null || read.rule.isStream === true;
  return { posts: isCounted ? posts : null, by: read.rule.format, uncounted, ...body };
}
