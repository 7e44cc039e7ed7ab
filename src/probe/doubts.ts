/** What the pages do not say, for a person to look at. */

import type { ProbedPage } from './page.ts';
import type { PageReport } from './report.ts';

/** What the configuration leaves open on the pages that were seen. */
export function doubtsAbout(pages: readonly PageReport[]): string[] {
  return pages.flatMap(({ target, counted, shape }): string[] => {
    if (counted?.uncounted !== undefined) return [`${target}: could not be counted (${counted.uncounted})`];
    if ((counted?.posts ?? 0) === 0 && shape !== null) {
      return [`${target}: counts nothing, though it looks like ${shape.posts} posts`];
    }
    const off = counted?.selectors.filter(({ switchedOff }) => switchedOff > 0) ?? [];
    return off.map(
      ({ kind, switchedOff, selector }) =>
        `${target}: ${switchedOff} items of kind "${kind}" (${selector}) are switched off`,
    );
  });
}

/** Redirects that lead to another origin, which is another platform's. */
export function leadingElsewhere(pages: readonly ProbedPage[]): string[] {
  return pages.flatMap(({ target, leadsTo }) =>
    leadsTo === undefined ? [] : [`${target}: leads to ${leadsTo}, which was not looked at`],
  );
}

/** The forms in which a platform serves posts, and how one is known among the pages. */
const FORMS: ReadonlyArray<readonly [what: string, isForm: (page: PageReport) => boolean]> = [
  ['API with posts', ({ counted }) => /^(?:json|jsonp|ndjson|graphql)$/.test(counted?.format ?? '')],
  ['feed', ({ counted }) => counted?.format === 'feed'],
  ['page with several posts', ({ counted }) => counted?.format === 'html' && counted.posts > 1],
  ['page of a single post', ({ counted }) => counted?.format === 'html' && counted.posts === 1],
];

/** What was not seen, and so is not in the configuration. */
export function blindSpots(pages: readonly PageReport[]): string[] {
  const counted = pages.filter((page) => (page.counted?.posts ?? 0) > 0);
  const missing = FORMS.filter(([, isForm]) => !counted.some(isForm)).map(([what]) => what);
  return [
    ONE_SITE,
    ...missing.map((what) => `no ${what} was seen: if the platform has one, it is not in this configuration`),
    UNSEEN,
  ];
}

const ONE_SITE = 'only these pages were seen: look at others, at an empty one and at an error, too';
const UNSEEN =
  'what needs a login, what scripts load later, GraphQL, streams and WebSockets cannot be seen from outside';
