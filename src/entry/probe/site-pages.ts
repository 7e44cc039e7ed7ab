/** Fetches a few pages of a platform for `postmeter probe`: the requested one and related ones. */

import { pairsOf } from '../../adapters/node/http/raw-headers.ts';
import { CANDIDATE_PATHS, nextTarget } from '../../probe/candidate-paths.ts';
import { alternatesOf, basesIn, isHtml, linkTarget, singlePagesOf } from '../../probe/links.ts';
import type { ProbedPage } from '../../probe/page.ts';
import { VERSION } from '../version.ts';

/** Longer pages are truncated here and marked as such. */
const MAX_PAGE_BYTES = 32 * 1024 ** 2;
const TIMEOUT_MS = 20_000;
const MAX_REDIRECTS = 5;
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
  readonly #header: readonly string[];
  readonly #asked = new Set<string>();

  constructor(base: URL, header: readonly string[]) {
    this.#base = base;
    this.#header = header;
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

  async #page(asked: string): Promise<ProbedPage | null> {
    let target = asked;
    for (let redirects = 0; ; redirects++) {
      // Retry once, because the platform may have closed the connection just before the request arrived.
      const answer =
        (await fetchPage(this.#base, target, this.#header)) ??
        (await fetchPage(this.#base, target, this.#header));
      if (answer === null) return null;
      const { location, ...page } = answer;
      if (page.status < 300 || page.status > 399 || location === null) return page;
      const next = linkTarget(this.#base, page, location);
      if (next === null || redirects === MAX_REDIRECTS) return { ...page, leadsTo: location };
      target = next;
    }
  }
}

type Answer = ProbedPage & { readonly location: string | null };

/** Returns null if there was no response. A response with any status is returned. */
async function fetchPage(base: URL, target: string, header: readonly string[]): Promise<Answer | null> {
  const headers = new Headers(pairsOf(header));
  if (!headers.has('User-Agent')) headers.set('User-Agent', `postmeter-probe/${VERSION}`);
  headers.set('Accept-Encoding', 'identity');
  // A stream may never end, so the body is truncated when the time is over.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(new URL(target, base), {
      headers,
      redirect: 'manual',
      signal: controller.signal,
    });
    return {
      target,
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? '',
      link: answer.headers.get('link') ?? '',
      location: answer.headers.get('location'),
      body: await beginningOf(answer.body, controller),
    };
  } catch (error) {
    // `fetch` throws a TypeError for a network failure. The report omits pages without a response.
    if (error instanceof TypeError || controller.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a body up to the size and time limits. */
async function beginningOf(
  body: AsyncIterable<Uint8Array> | null,
  controller: AbortController,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_PAGE_BYTES) break;
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  }
  return Buffer.concat(chunks);
}
