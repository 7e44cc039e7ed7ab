/** The probe on whole sites. It proposes a configuration that counts the posts of their pages. */

import { afterEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import { probeCommand } from '../../../src/entry/commands/probe.ts';
import { attempt } from '../../../src/probe/page.ts';
import type { Origin } from '../../support/origins/listening.ts';
import { startOrigin } from '../../support/origins/scripted.ts';

interface ServedPage {
  readonly type: string;
  readonly body: string;
  /** Number of posts on the page. */
  readonly posts: number;
  readonly headers?: Record<string, string>;
}
type ServedSite = Record<string, ServedPage | string>;

let server: Origin | undefined;
afterEach(() => server?.stop());

async function serve(site: ServedSite): Promise<string> {
  server = await startOrigin((request, response) => {
    const page = site[request.url!];
    if (page === undefined) response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
    else if (typeof page === 'string') response.writeHead(302, { Location: page }).end();
    else response.writeHead(200, { 'Content-Type': page.type, ...page.headers }).end(page.body);
  });
  return server.url;
}

async function probe(...args: string[]) {
  let out = '';
  const command = probeCommand()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  await command.parseAsync(args, { from: 'user' });
  const report = JSON.parse(out);
  expect(Object.keys(report)[0]).toBe('configuration');
  return report;
}

/** Counts each page of a site with a configuration. */
function countsOf(configuration: object, site: ServedSite): Record<string, number | string> {
  const config = parseConfig(JSON.stringify(configuration));
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const pages = Object.entries(site).filter(
    (entry): entry is [string, ServedPage] => typeof entry[1] !== 'string',
  );
  return Object.fromEntries(
    pages.map(([target, { type, body }]) => {
      const page = { target, status: 200, contentType: type, link: '', body: Buffer.from(body) };
      const tried = attempt(page, config.routes);
      return [target, tried?.uncounted ?? tried?.posts ?? 0];
    }),
  );
}

function truthOf(site: ServedSite): Record<string, number> {
  const pages = Object.entries(site).flatMap(([target, page]) =>
    typeof page === 'string' ? [] : [[target, page.posts] as const],
  );
  return Object.fromEntries(pages);
}

const HTML = 'text/html; charset=utf-8';
const html = (body: string, head = '') =>
  `<!doctype html><html><head><title>Site</title><meta name="description" content="A site with many posts to read">${head}</head><body><nav><ul><li class="menu"><a href="/about">About</a></li><li class="menu"><a href="/help">Help</a></li><li class="menu"><a href="/rules">Rules</a></li></ul></nav>${body}</body></html>`;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const words = 'some words that a person wrote, long enough to be a post';
const rss = (ids: readonly number[]) =>
  `<?xml version="1.0"?><rss version="2.0"><channel>${ids.map((id) => `<item><guid>/post-${id}/</guid></item>`).join('')}</channel></rss>`;

describe('the probe of a site', () => {
  it('proposes one configuration that counts an API, a feed, a front page and single pages', async () => {
    const article = (id: number) =>
      `<article data-post-id="${id}"><h2><a href="/post-${id}/">Title ${id}</a></h2><p>${words}</p></article>`;
    const single = (id: number): ServedPage => ({ type: HTML, body: html(article(id)), posts: 1 });
    const site: ServedSite = {
      '/': {
        type: HTML,
        body: html(
          numbers(5).map(article).join(''),
          '<link rel="alternate" type="application/rss+xml" href="/news.rss">',
        ),
        posts: 5,
      },
      '/news.rss': { type: 'text/html', body: rss(numbers(5)), posts: 5 },
      '/api/posts?limit=10': {
        type: 'application/json',
        body: JSON.stringify({
          status: { code: 200, message: 'OK' },
          meta: { tags: numbers(12).map((n) => ({ name: `tag ${n}`, content: words })) },
          posts: Object.fromEntries(
            numbers(5).map((id) => [`${id}`, { number: id, author: 'ann', body: words, likes: 0 }]),
          ),
        }),
        posts: 5,
      },
      '/post-1/': single(1),
      '/post-2/': single(2),
      '/post-3/': single(3),
      '/post-4/': single(4),
    };
    const report = await probe(await serve(site), '--pages', '2');
    expect(report.configuration).toEqual({
      platform: 'feeds',
      routes: [
        {
          path: '/',
          contentType: 'text/html',
          format: 'html',
          posts: [{ html: 'article', id: 'data-post-id' }],
        },
        {
          path: '/api/posts',
          contentType: 'application/json',
          posts: [{ json: '$.posts[*]', id: 'number' }],
        },
        {
          path: '/*',
          contentType: 'text/html',
          format: 'html',
          posts: [{ html: 'article', id: 'data-post-id' }],
        },
      ],
    });
    expect(countsOf(report.configuration, site)).toEqual({ ...truthOf(site), '/news.rss': 5 });
    expect(report.posts).toBe(17);
    expect(report.doubts.join('\n')).toMatch(/behind a login.*GraphQL, streams and WebSockets/);
    const targets = report.pages.map(({ target }: { target: string }) => target);
    expect(new Set(targets).size).toBe(targets.length);
  });

  it('finds the base of a WordPress below a path, and names it', async () => {
    const post = (id: number) => ({
      id,
      type: 'post',
      link: `/blog/${id}`,
      title: { rendered: 'a' },
      content: { rendered: words },
    });
    const site: ServedSite = {
      '/blog/': {
        type: HTML,
        body: html(
          numbers(2)
            .map((id) => `<article class="post-${id} post type-post">${words}</article>`)
            .join(''),
        ),
        posts: 2,
        headers: { Link: '</blog/wp-json/>; rel="https://api.w.org/"' },
      },
      '/blog/wp-json/wp/v2/posts?per_page=10': {
        type: 'application/json',
        body: JSON.stringify([post(1), post(2)]),
        posts: 2,
      },
      '/blog/feed/': { type: 'application/rss+xml', body: rss([1, 2]), posts: 2 },
    };
    const report = await probe(`${await serve(site)}/blog/`);
    expect(report.configuration).toEqual({ platform: { name: 'wordpress', base: '/blog' } });
    expect(countsOf(report.configuration, site)).toEqual(truthOf(site));
    expect(report.doubts.join('\n')).toMatch(/no page of a single post was seen/);
  });

  it('proposes the preset for feeds, not that of a platform, if there is only a feed', async () => {
    const site: ServedSite = { '/a.xml': { type: 'application/rss+xml', body: rss([1, 2, 3]), posts: 3 } };
    const report = await probe(`${await serve(site)}/a.xml`);
    expect(report.configuration).toEqual({ platform: 'feeds' });
    expect(report.posts).toBe(3);
    expect(report.doubts.join('\n')).toMatch(/no API with posts was seen/);
  });

  it('finds the posts of a forum among similar siblings', async () => {
    const row = (id: number) =>
      `<div class="message row" id="m${id}"><b>ann</b><div>${words} ${id}</div><a href="/u/ann">ann</a></div>`;
    const site: ServedSite = {
      '/viewtopic?t=1': {
        type: HTML,
        body: html(`<div class="list">${numbers(4).map(row).join('')}</div>`),
        posts: 4,
      },
    };
    const report = await probe(`${await serve(site)}/viewtopic?t=1`);
    expect(report.configuration).toEqual({
      routes: [
        {
          path: '/viewtopic',
          contentType: 'text/html',
          format: 'html',
          posts: [{ html: 'div.message', id: 'id' }],
        },
      ],
    });
    expect(countsOf(report.configuration, site)).toEqual(truthOf(site));
  });

  it('follows redirects on its own origin, and adds no page twice', async () => {
    const front: ServedPage = {
      type: HTML,
      body: html(
        numbers(3)
          .map((id) => `<article id="p${id}">${words}</article>`)
          .join(''),
      ),
      posts: 3,
    };
    const site: ServedSite = {
      '/': '/home/',
      '/home/': front,
      '/rss': '/',
      '/feed/': 'https://feeds.example/a',
    };
    const report = await probe(await serve(site));
    expect(report.pages.map(({ target }: { target: string }) => target)).toEqual(['/home/']);
    expect(report.posts).toBe(3);
    expect(report.configuration.routes[0].path).toBe('/home');
  });

  it('reports the target of a redirect that it does not follow', async () => {
    const report = await probe(await serve({ '/': 'https://other.example/' }));
    expect(report.configuration).toBeNull();
    expect(report.doubts.join('\n')).toMatch(/leads to https:\/\/other\.example\/, which was not fetched/);
  });

  it('names other presets that also fit', async () => {
    const posts = {
      posts: numbers(2).map((id) => ({ pid: id, post_number: id, content: words })),
      latest_posts: numbers(2).map((id) => ({ id, post_number: id, cooked: words })),
    };
    const site: ServedSite = {
      '/posts.json': { type: 'application/json', body: JSON.stringify(posts), posts: 2 },
    };
    const report = await probe(`${await serve(site)}/posts.json`);
    expect(report.configuration).toEqual({ platform: 'discourse' });
  });
});
