/**
 * HTML at the edge is counted by the product's own scanner, as on Node. Cloudflare's HTMLRewriter is held beside it:
 * on sound pages both say the same, so that a selector means at the edge what the platform's engine says of it.
 * Where the two differ stands in tables, with what the HTML standard says: these are why the scanner counts there.
 */

import { load } from 'cheerio';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, countPage, cutsOf, planOf } from '../count/html/pages.ts';
import { pageArb, selectorArb, soundPageArb } from '../count/html/random-pages.ts';
import { type HtmlRig, type PageToCount, startHtmlRig } from './html-rig.ts';
import type { PageAnswer } from './html-worker.ts';

let rig: HtmlRig;

beforeAll(async () => {
  rig = await startHtmlRig();
});

afterAll(async () => {
  await rig.stop();
});

async function bothOf(page: PageToCount): Promise<PageAnswer> {
  const [answer] = await rig.count([page]);
  return answer!;
}

function entryOf(html: string, not: string | undefined): { html: string; not?: string } {
  return not === undefined ? { html } : { html, not };
}

/** Posts as Node counts them. */
function onNode(page: string, html: string, not?: string): number {
  return countPage(planOf(entryOf(html, not)), cutsOf(bytesOf(page), 61)).items[0]!;
}

/** Posts in the page's tree, which parse5 builds after the HTML standard. */
function inTree(page: string, html: string, not?: string): number {
  const $ = load(page);
  return $(html).filter((_, element) => not === undefined || $(element).closest(not).length === 0).length;
}

const SITE = `<!DOCTYPE html><html lang="en"><head><title>p</title><script>"<i class=post></i>"</script></head><body>
<nav><ul><li class="item one">1</li><li class="item two" id="second">2</li><li>3</li></ul></nav>
<main lang="en-GB"><article class="post wide" data-id="1"><h2>x</h2><p>1 &lt; 2</p><img src="x" class="picture"></article>
<!-- <article class="post"></article> --><article class="post" data-id="2"><p>a</p><span>b</span><p>c</p></article>
<section class="ad"><article class="post">3</article></section><svg><path class="post"/><g class="post"></g></svg>
</main><aside><article class="post">4</article></aside></body></html>`;

describe('a sound page', () => {
  it.each<[html: string, not: string | undefined, posts: number]>([
    ['article.post', undefined, 4],
    ['article.post', 'aside', 3],
    ['article.post', 'aside, .ad', 2],
    ['article.post', 'article', 0],
    ['.post', 'path', 5],
    ['main > .post', undefined, 2],
    ['main article', '.wide', 2],
    ['ARTICLE', undefined, 4],
    ['#second', undefined, 1],
    ['[data-id]', undefined, 2],
    ['[class="post wide"]', undefined, 1],
    ['[class~=wide]', undefined, 1],
    ['[class^=pict]', undefined, 1],
    ['[class$=two]', undefined, 1],
    ['[class*="m o"]', undefined, 1],
    ['[lang|=en]', undefined, 2],
    ['[lang="EN" s]', undefined, 0],
    ['[class="POST" i]', undefined, 5],
    ['li:not(.item)', undefined, 1],
    ['li:not(.one, #second)', undefined, 1],
    ['li:nth-child(2n+1)', undefined, 2],
    ['li:nth-child(-n+2)', undefined, 2],
    ['li:first-child', undefined, 1],
    ['p:nth-of-type(2)', undefined, 1],
    ['span:first-of-type', undefined, 1],
    ['img, hr', undefined, 1],
  ])('holds %s (but for %s) %d times, for both', async (html, not, posts) => {
    expect({ tree: inTree(SITE, html, not), node: onNode(SITE, html, not) }).toEqual({
      tree: posts,
      node: posts,
    });
    expect(await bothOf({ page: SITE, ...entryOf(html, not) })).toEqual({
      ours: { posts },
      rewriter: { begun: posts, ended: posts },
    });
  });

  it('compares attributes without case in HTML, and with it in SVG, for both', async () => {
    const page = '<p lang="EN">x</p><svg><path lang="EN"/></svg>';
    expect(await bothOf({ page, html: '[lang=en]' })).toEqual({
      ours: { posts: 1 },
      rewriter: { begun: 1, ended: 1 },
    });
  });

  it('of any make counts alike for both, and as on Node and in its tree', async () => {
    const notArb = fc.option(selectorArb, { nil: undefined });
    const property = fc.asyncProperty(soundPageArb, selectorArb, notArb, async (page, html, not) => {
      const posts = inTree(page, html, not);
      expect(onNode(page, html, not)).toBe(posts);
      expect({ page, html, not, ...(await bothOf({ page, ...entryOf(html, not) })) }).toEqual({
        page,
        html,
        not,
        ours: { posts },
        rewriter: { begun: posts, ended: posts },
      });
    });
    await fc.assert(property, { numRuns: 150 });
  });
});

describe('a page that leaves out end tags', () => {
  it('counts in workerd as on Node', async () => {
    const property = fc.asyncProperty(pageArb, selectorArb, async (page, html) => {
      const { ours } = await bothOf({ page, html });
      expect({ page, html, posts: ours.posts }).toEqual({ page, html, posts: onNode(page, html) });
    });
    await fc.assert(property, { numRuns: 50 });
  });
});

/** `begun` and `ended` are HTMLRewriter's. */
interface Difference {
  readonly what: string;
  readonly page: string;
  readonly html: string;
  readonly not?: string;
  /** By the HTML standard, and by our count. */
  readonly posts: number;
  readonly begun: number;
  readonly ended: number;
}

describe('HTMLRewriter does not follow the HTML standard, and our count does', () => {
  const ITEMS = '<ul><li>1<li>2<li>3</ul>';
  const ROWS = '<table><tbody><tr><td>1<td>2<tr><td>3</table>';
  const ITEM = '<i class=post></i>';
  it.each<Difference>([
    {
      what: 'list items without end tags stand in each other',
      page: ITEMS,
      html: 'li li',
      posts: 0,
      begun: 2,
      ended: 2,
    },
    { what: 'and not in their list', page: ITEMS, html: 'ul > li', posts: 3, begun: 1, ended: 1 },
    { what: 'nor at their place in it', page: ITEMS, html: 'li:nth-child(2)', posts: 1, begun: 0, ended: 0 },
    { what: 'so do paragraphs', page: '<div><p>1<p>2</div>', html: 'p p', posts: 0, begun: 1, ended: 1 },
    {
      what: 'at no place of their type',
      page: '<div><p>1<p>2</div>',
      html: 'p:nth-of-type(2)',
      posts: 1,
      begun: 0,
      ended: 0,
    },
    {
      what: 'blocks stand in paragraphs',
      page: `<p class=a>1<div>${ITEM}</div>`,
      html: '.a .post',
      posts: 0,
      begun: 1,
      ended: 1,
    },
    { what: 'rows and cells', page: ROWS, html: 'tr > td', posts: 3, begun: 2, ended: 2 },
    { what: 'terms', page: '<dl><dt>1<dd>2<dt>3<dd>4</dl>', html: 'dl > dd', posts: 2, begun: 0, ended: 0 },
    {
      what: 'options',
      page: '<select><option>1<option>2</select>',
      html: 'select > option',
      posts: 2,
      begun: 1,
      ended: 1,
    },
    {
      what: 'what `not` leaves out swallows the rest of the list',
      page: '<ul><li class=ad>x<li class=post>1<li class=post>2</ul>',
      html: '.post',
      not: '.ad',
      posts: 2,
      begun: 0,
      ended: 0,
    },
    {
      what: 'what ends with the page never ends',
      page: '<p class=post>1</p><p class=post>2',
      html: '.post',
      posts: 2,
      begun: 2,
      ended: 1,
    },
    { what: 'anchors stand in anchors', page: '<a>1<a>2</a>', html: 'a a', posts: 0, begun: 1, ended: 1 },
    {
      what: 'buttons in buttons',
      page: '<button>1<button>2</button>',
      html: 'button button',
      posts: 0,
      begun: 1,
      ended: 1,
    },
    {
      what: 'headings end by their own end tag alone',
      page: `<h2 class=a>x</h3>${ITEM}`,
      html: '.a .post',
      posts: 0,
      begun: 1,
      ended: 1,
    },
    {
      what: 'the head does not end with the body',
      page: `<head class=a><title>x</title><body>${ITEM}`,
      html: '.a .post',
      posts: 0,
      begun: 1,
      ended: 1,
    },
    {
      what: 'what follows the body is not in it',
      page: `<body class=a>${ITEM}</body>${ITEM}`,
      html: '.a .post',
      posts: 2,
      begun: 1,
      ended: 1,
    },
    {
      what: 'a title in SVG behind an end tag is lost',
      page: '<svg><g></g><title class=post>x</title></svg>',
      html: '.post',
      posts: 1,
      begun: 0,
      ended: 0,
    },
    {
      what: 'character references in attributes stay as they are',
      page: '<p class=&#112;ost></p>',
      html: '.post',
      posts: 1,
      begun: 0,
      ended: 0,
    },
    {
      what: 'and are found as such',
      page: '<p title="a &amp; b"></p>',
      html: '[title="a &amp; b"]',
      posts: 0,
      begun: 1,
      ended: 1,
    },
  ])('$what: $html', async ({ page, html, not, posts, begun, ended }) => {
    expect(inTree(page, html, not)).toBe(posts);
    expect(await bothOf({ page, ...entryOf(html, not) })).toEqual({
      ours: { posts },
      rewriter: { begun, ended },
    });
  });
});

describe('HTMLRewriter has no word for', () => {
  const NOT_ASCII = 'TypeError: Parser error: Expected ASCII-compatible encoding.';
  const UNKNOWN = 'TypeError: Parser error: Unknown character encoding has been provided.';
  const POST = '<p class=post>x</p>';
  it.each<[what: string, page: PageToCount, answer: PageAnswer]>([
    [
      'templates, which are no part of the page',
      { page: `<template>${POST}</template>${POST}`, html: '.post' },
      { ours: { posts: 1 }, rewriter: { begun: 2, ended: 2 } },
    ],
    [
      'JSON with markup in its strings',
      { page: `{"a":"${POST}"}`, html: '.post' },
      { ours: { posts: 0, failure: 'shape' }, rewriter: { begun: 1, ended: 1 } },
    ],
    [
      'a body that is no page',
      { page: 'no page', html: '.post' },
      { ours: { posts: 0, failure: 'shape' }, rewriter: { begun: 0, ended: 0 } },
    ],
    [
      'a body that never came',
      { page: '', html: '.post' },
      { ours: { posts: 0, failure: 'truncated' }, rewriter: { begun: 0, ended: 0 } },
    ],
    [
      'an attribute beyond any bound',
      { page: `<p class="${'x'.repeat(300_000)} post"></p>`, html: '.post' },
      { ours: { posts: 0, failure: 'too_large' }, rewriter: { begun: 1, ended: 1 } },
    ],
    [
      'a page deeper than any',
      { page: `${'<div>'.repeat(1100)}${POST}`, html: '.post' },
      { ours: { posts: 0, failure: 'shape' }, rewriter: { begun: 1, ended: 1 } },
    ],
    [
      'a post that was cut',
      { page: `${POST}<p class=post>y`, html: '.post', isCut: true },
      { ours: { posts: 1 }, rewriter: { begun: 2, ended: 1, error: 'Error: the upstream broke off' } },
    ],
    [
      'UTF-16 by its byte order mark',
      { page: Buffer.from(`\ufeff${POST}`, 'utf16le'), html: '.post' },
      { ours: { posts: 1 }, rewriter: { begun: 0, ended: 0 } },
    ],
    [
      'a character set beside ASCII, of which it delivers nothing',
      { page: POST, html: '.post', contentType: 'text/html; charset=iso-2022-jp' },
      { ours: { posts: 1 }, rewriter: { begun: 0, ended: 0, error: NOT_ASCII } },
    ],
    [
      'a character set of no name, of which it delivers nothing',
      { page: POST, html: '.post', contentType: 'text/html; charset=x-none' },
      { ours: { posts: 1 }, rewriter: { begun: 0, ended: 0, error: UNKNOWN } },
    ],
  ])('%s', async (_what, page, answer) => {
    expect(await bothOf(page)).toEqual(answer);
  });

  it('knows the letters of other character sets, where ours compares ASCII alone', async () => {
    const page = Buffer.from('<p class=caf\u00e9>x</p><p class=post>caf\u00e9</p>', 'latin1');
    const contentType = 'text/html; charset=iso-8859-1';
    expect(
      await rig.count([
        { page, html: '.caf\u00e9', contentType },
        { page, html: '.post', contentType },
      ]),
    ).toEqual([
      { ours: { posts: 0 }, rewriter: { begun: 1, ended: 1 } },
      { ours: { posts: 1 }, rewriter: { begun: 1, ended: 1 } },
    ]);
  });
});
