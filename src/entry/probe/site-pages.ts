/** Fetches a few pages of a platform for `postmeter probe`: the requested one and related ones. */

import { pairsOf } from '../../adapters/node/http/raw-headers.ts';
import { CANDIDATE_PATHS, nextTarget } from '../../probe/candidate-paths.ts';
import { alternatesOf, basesIn, isHtml, singlePagesOf } from '../../probe/links.ts';
import type { ProbedPage } from '../../probe/page.ts';
import { VERSION } from '../version.ts';
import { fetchPage } from './fetch-page.ts';

const LIMITS = { maxBytes: 32 * 1024 ** 2, timeoutMs: 20_000, userAgent: `postmeter-probe/${VERSION}` };
/** Maximum number of concurrent requests to the platform. */
const MAX_AT_ONCE = 4;

export interface SiteRequest {
  /** Headers of every request, as a flat list. */
  readonly header: readonly string[];
  /** Number of pages to follow from the first one, or of single pages that the front page links to. */
  readonly pages: number;
}

export interface FetchedSite {
  readonly pages: readonly ProbedPage[];
  /** Base paths below which the platform may respond; the empty one is the root. */
  readonly bases: readonly string[];
}

/** Returns null if nothing responds at the URL. */
export async function fetchSite(url: URL, { header, pages }: SiteRequest): Promise<FetchedSite | null> {
  const site = new Site(url, header);
  const first = await site.fetch(url.pathname + url.search);
  if (first === null) return null;
  const isFront =
    url.search === '' && (url.pathname === '/' || (url.pathname.endsWith('/') && isHtml(first)));
  if (!isFront) {
    await site.follow(first, pages);
    return { pages: site.pages, bases: basesIn('', [first.target]) };
  }
  const alternates = alternatesOf(url, first);
  const bases = basesIn(first.target.replace(/[?#].*/s, '').replace(/[^/]*$/, ''), alternates);
  if (!bases.includes('')) bases.unshift('');
  const doors = bases.flatMap((base) => CANDIDATE_PATHS.map((door) => base + door));
  const singles = singlePagesOf(url, first).slice(0, pages);
  await site.look([...alternates, ...doors, ...singles]);
  return { pages: site.pages, bases };
}

class Site {
  readonly pages: ProbedPage[] = [];
  readonly #base: URL;
  readonly #header: ReadonlyArray<readonly [string, string]>;
  readonly #asked = new Set<string>();

  constructor(base: URL, header: readonly string[]) {
    this.#base = base;
    this.#header = pairsOf(header);
  }

  /** Fetches a page and keeps it regardless of its status. Returns null if nothing responds. */
  async fetch(target: string): Promise<ProbedPage | null> {
    this.#asked.add(target);
    const page = await this.#page(target);
    if (page !== null) this.#keep(page);
    return page;
  }

  /** Fetches pages that may not exist, and keeps those with a 2xx status. */
  async look(targets: readonly string[]): Promise<void> {
    const left = [...new Set(targets)].filter((target) => !this.#asked.has(target));
    for (const target of left) this.#asked.add(target);
    while (left.length > 0) {
      const pages = await Promise.all(left.splice(0, MAX_AT_ONCE).map((target) => this.#page(target)));
      for (const page of pages) {
        if (page !== null && page.status >= 200 && page.status < 300) this.#keep(page);
      }
    }
  }

  /** Follows the links to next pages, starting at `first`. */
  async follow(first: ProbedPage, pages: number): Promise<void> {
    let page: ProbedPage | null = first;
    while (page !== null && this.pages.length < pages) {
      const target = nextTarget(this.#base, page.link, page.body);
      page = target === null || this.#asked.has(target) ? null : await this.fetch(target);
    }
  }

  /** Skips duplicates: a platform may serve one page at several URLs, and its front page at every unknown one. */
  #keep(page: ProbedPage): void {
    const isKnown = this.pages.some(
      ({ target, body }) => target === page.target || Buffer.from(body).equals(page.body),
    );
    if (!isKnown) this.pages.push(page);
  }

  async #page(target: string): Promise<ProbedPage | null> {
    const page = () => fetchPage(this.#base, target, this.#header, LIMITS);
    // Retry once, because the platform may have closed the connection just before the request arrived.
    return (await page()) ?? page();
  }
}
