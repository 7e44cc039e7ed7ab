/** Open questions that the pages do not answer, for a person to check. */

import type { PageReport, ProbedPage } from './page.ts';

/** What the configuration leaves open on the pages that were fetched. */
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

/** Redirects to another origin, which belongs to another platform. */
export function leadingElsewhere(pages: readonly ProbedPage[]): string[] {
  return pages.flatMap(({ target, leadsTo }) =>
    leadsTo === undefined ? [] : [`${target}: leads to ${leadsTo}, which was not fetched`],
  );
}

/** The forms in which a platform serves posts, and how to recognise each among the pages. */
const FORMS: ReadonlyArray<readonly [what: string, isForm: (page: PageReport) => boolean]> = [
  ['API with posts', ({ counted }) => /^(?:json|jsonp|ndjson|graphql)$/.test(counted?.format ?? '')],
  ['feed', ({ counted }) => counted?.format === 'feed'],
  ['page with several posts', ({ counted }) => counted?.format === 'html' && counted.posts > 1],
  ['page of a single post', ({ counted }) => counted?.format === 'html' && counted.posts === 1],
];

/** Forms that were not seen and are therefore missing from the configuration. */
export function blindSpots(pages: readonly PageReport[]): string[] {
  const counted = pages.filter((page) => (page.counted?.posts ?? 0) > 0);
  const missing = FORMS.filter(([, isForm]) => !counted.some(isForm)).map(([what]) => what);
  return [
    ONE_SITE,
    ...missing.map((what) => `no ${what} was seen: if the platform has one, it is not in this configuration`),
    UNSEEN,
  ];
}

const ONE_SITE = 'only these pages were fetched: also try other pages, an empty page and an error page';
const UNSEEN =
  'a probe cannot see pages behind a login, content that scripts load later, GraphQL, streams and WebSockets';
