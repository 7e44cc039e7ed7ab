import { expect, it } from 'vitest';
import { alternatesOf, basesIn, singlePagesOf } from '../../src/probe/links.ts';

const base = new URL('https://a.example/blog/');
const page = (body: string, link = '') => ({
  target: '/blog/',
  status: 200,
  contentType: 'text/html',
  link,
  body: new TextEncoder().encode(body),
});

it('finds feeds and APIs that a page names, on its own origin', () => {
  const head = [
    '<link rel="alternate" type="application/rss+xml" href="feed.xml">',
    '<link rel="alternate" hreflang="fr" href="/fr/">',
    '<link rel="alternate" type="application/atom+xml" href="https://b.example/atom">',
    '<link rel="stylesheet" type="text/xml" href="/style">',
    '<link rel="https://api.w.org/" href="https://a.example/blog/wp-json/">',
  ].join('');
  const link = '</blog/feed.json>; type="application/json"; rel="alternate", </next>; rel=next';
  expect(alternatesOf(base, page(head, link))).toEqual([
    '/blog/feed.json',
    '/blog/feed.xml',
    '/blog/wp-json/',
  ]);
});

it('finds single pages by the titles and articles that lead to them', () => {
  const body =
    '<nav><a href="/blog/about">a</a></nav><h2><a href="one/">a</a></h2><article><a href="/blog/two">b</a><a href="#c">c</a><a href="/blog/x.png">d</a><a href="/shop">e</a></article>';
  expect(singlePagesOf(base, page(body)).toSorted()).toEqual(['/blog/one/', '/blog/two']);
});

it('finds the bases of a site by the address of its API', () => {
  expect(basesIn('/blog/', ['/blog/wp-json/'])).toEqual(['/blog']);
  expect(basesIn('', ['/a/b/index.php/wp-json/wp/v2/posts'])).toEqual(['', '/a/b']);
  expect(basesIn('/', ['/wp-json/'])).toEqual(['']);
});
