/**
 * Links of a page on its own origin: the feeds and APIs that it names, the pages of single posts, and the base of its
 * site.
 */

import { load } from 'cheerio';
import { linkTarget } from './link-target.ts';
import type { ProbedPage } from './page.ts';

/** Maximum number of alternates, and of single pages, per page. */
const MAX_LINKS = 8;

/**
 * Relations that link to posts in another form (HTML, RFC 8288,
 * developer.wordpress.org/rest-api/using-the-rest-api/discovery).
 */
const ALTERNATE = /(?:^|\s)(?:alternate|feed|https:\/\/api\.w\.org\/)(?:\s|$)/i;
const LINK_VALUE = /<([^<>]{1,2048})>([^<]{0,2048})/g;
const RELATION = /\brel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i;

/** The targets of `rel=alternate` and of the REST API, in the header and the page. */
export function alternatesOf(base: URL, page: ProbedPage): string[] {
  const hrefs: string[] = [];
  for (const [, href = '', parameters = ''] of page.link.matchAll(LINK_VALUE)) {
    const [, quoted, token] = RELATION.exec(parameters) ?? [];
    if (ALTERNATE.test(quoted ?? token ?? '')) hrefs.push(href);
  }
  if (isHtml(page)) {
    const document = load(new TextDecoder().decode(page.body));
    for (const link of document('link[rel][href]')) {
      const [rel = '', type = ''] = [document(link).attr('rel'), document(link).attr('type')];
      // A page in another language is an alternate too.
      if (ALTERNATE.test(rel) && (rel.includes('api.w.org') || /xml|json/i.test(type))) {
        hrefs.push(document(link).attr('href')!);
      }
    }
  }
  return distinctTargets(base, page, hrefs);
}

/** Targets of the titles and articles of a page, which are the pages of its posts. */
export function singlePagesOf(base: URL, page: ProbedPage): string[] {
  if (!isHtml(page)) return [];
  const document = load(new TextDecoder().decode(page.body));
  const hrefs = [
    ...document(
      'article a[href], main h1 a[href], h2 a[href], h3 a[href], [class*=post] a[href], [class*=topic] a[href]',
    ),
  ].flatMap((anchor) => document(anchor).attr('href') ?? []);
  const own = page.target.replace(/[?#].*/s, '');
  return distinctTargets(base, page, hrefs).filter((target) => {
    const path = target.replace(/[?#].*/s, '');
    return (
      path !== own &&
      path.startsWith(own.replace(/[^/]*$/, '')) &&
      !/\.(?:png|jpe?g|gif|svg|webp|pdf|zip)$/i.test(path)
    );
  });
}

function distinctTargets(base: URL, page: ProbedPage, hrefs: readonly string[]): string[] {
  const targets = hrefs
    .filter((href) => !href.startsWith('#'))
    .flatMap((href) => linkTarget(base, page, href) ?? []);
  return [...new Set(targets)].slice(0, MAX_LINKS);
}

export function isHtml({ contentType }: Pick<ProbedPage, 'contentType'>): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType);
}

/** Matches the base of a WordPress site, which precedes the API path in the API's address. */
const API_FOLDER = /^(.*?)(?:\/index\.php)?\/wp-json(?:\/|$)/;

/** The bases that pages may share: that of the requested page, and those that the API's address shows. */
export function basesIn(front: string, targets: readonly string[]): string[] {
  const bases = [front, ...targets.flatMap((target) => API_FOLDER.exec(target)?.[1] ?? [])];
  return [...new Set(bases.map((base) => base.replace(/\/+$/, '')))];
}
