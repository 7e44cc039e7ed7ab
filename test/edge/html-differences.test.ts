/**
 * The differences between Cloudflare's HTMLRewriter and the product's HTML scanner, compared with the HTML standard. They
 * are the reason for using the scanner at the edge, too. A row that no longer applies fails.
 */

import { describe, expect, it } from 'vitest';
import { entryOf, inTree, onNode, pagesInWorkerd } from './html-counts.ts';
import type { PageToCount } from './html-rig.ts';
import type { PageAnswer } from './html-worker.ts';

const bothOf = pagesInWorkerd();

const POST = '<i class=post></i>';

describe('the scanner follows the HTML standard, and HTMLRewriter does not', () => {
  const ITEMS = '<ul><li>1<li>2<li>3</ul>';
  const ROWS = '<table><tbody><tr><td>1<td>2<tr><td>3</table>';
  const AD = '<ul><li class=ad>x<li class=post>1<li class=post>2</ul>';
  it.each<[what: string, page: string, html: string, posts: number, begun: number, not?: string]>([
    ['list items without end tags are nested', ITEMS, 'li li', 0, 2],
    ['are not children of the list', ITEMS, 'ul > li', 3, 1],
    ['have no position in the list', ITEMS, 'li:nth-child(2)', 1, 0],
    ['paragraphs without end tags are nested', '<div><p>1<p>2</div>', 'p p', 0, 1],
    ['have no position of their type', '<div><p>1<p>2</div>', 'p:nth-of-type(2)', 1, 0],
    ['blocks are in paragraphs', `<p class=a>1<div>${POST}</div>`, '.a .post', 0, 1],
    ['rows and cells', ROWS, 'tr > td', 3, 2],
    ['terms', '<dl><dt>1<dd>2<dt>3<dd>4</dl>', 'dl > dd', 2, 0],
    ['options', '<select><option>1<option>2</select>', 'select > option', 2, 1],
    ['an excluded item excludes the rest of the list', AD, '.post', 2, 0, '.ad'],
    ['anchors are in anchors', '<a>1<a>2</a>', 'a a', 0, 1],
    ['buttons are in buttons', '<button>1<button>2</button>', 'button button', 0, 1],
    ['headings end only at their own end tag', `<h2 class=a>x</h3>${POST}`, '.a .post', 0, 1],
    ['the head does not end with the body', `<head class=a><title>x</title><body>${POST}`, '.a .post', 0, 1],
    ['elements after the body are not in it', `<body class=a>${POST}</body>${POST}`, '.a .post', 2, 1],
    [
      'a title in SVG after an end tag is lost',
      '<svg><g></g><title class=post>x</title></svg>',
      '.post',
      1,
      0,
    ],
    ['character references in attributes are not decoded', '<p class=&#112;ost></p>', '.post', 1, 0],
    ['match selectors undecoded', '<p title="a &amp; b"></p>', '[title="a &amp; b"]', 0, 1],
  ])('%s: %s', async (_what, page, html, posts, begun, not) => {
    expect({ tree: inTree(page, html, not), node: onNode(page, html, not) }).toEqual({
      tree: posts,
      node: posts,
    });
    expect(await bothOf({ page, ...entryOf(html, not) })).toEqual({
      ours: { posts },
      rewriter: { begun, ended: begun },
    });
  });

  it('an element without an end tag never ends', async () => {
    const page = '<p class=post>1</p><p class=post>2';
    expect(inTree(page, '.post')).toBe(2);
    expect(await bothOf({ page, html: '.post' })).toEqual({
      ours: { posts: 2 },
      rewriter: { begun: 2, ended: 1 },
    });
  });
});

describe('HTMLRewriter follows the HTML standard, and the tokenizer of the scanner does not', () => {
  it.each<[what: string, page: string, html: string, posts: number, standard: number]>([
    ['a malformed comment', `<!->${POST}${POST}`, '.post', 1, 2],
    ['a comment that ends wrongly', `<p><!-- x --!>${POST} -->`, '.post', 0, 1],
    ['CDATA outside of SVG', `<p><![CDATA[x>${POST}]]>${POST}`, '.post', 1, 2],
    ['an end tag that is a comment', `<div class=a></ div>${POST}`, '.a .post', 0, 1],
    ['a script whose end tag closes itself', `<script>x</script/>${POST}`, '.post', 0, 1],
    [
      'a script in a comment of a script',
      `<script><!-- <script></script>${POST} --></script>`,
      '.post',
      1,
      0,
    ],
    ['markup in a title of SVG', `<svg><title>${POST}</title></svg>`, '.post', 0, 1],
    ['markup in a style of SVG', `<svg><style>${POST}</style></svg>`, '.post', 0, 1],
    ['markup in a script of SVG', `<svg><script>${POST}</script></svg>`, '.post', 0, 1],
  ])('%s', async (_what, page, html, posts, standard) => {
    expect({ tree: inTree(page, html), node: onNode(page, html) }).toEqual({ tree: standard, node: posts });
    expect(await bothOf({ page, html })).toEqual({
      ours: { posts },
      rewriter: { begun: standard, ended: standard },
    });
  });
});

describe('neither follows the HTML standard', () => {
  it.each<[what: string, page: string, html: string, posts: number, standard: number]>([
    ['adds table bodies', '<table><tr class=post></tr></table>', 'tbody .post', 0, 1],
    ['puts rows in added table bodies', '<table><tr class=post></tr></table>', 'table > .post', 1, 0],
    ['adds paragraphs', '<div></p></div>', 'p', 0, 1],
    ['adds line breaks', '<div></br></div>', 'br', 0, 1],
    ['moves elements out of tables', '<table><div class=post>x</div></table>', 'table .post', 1, 0],
    ['moves HTML out of SVG', '<svg><div class=post>x</div></svg>', 'svg .post', 1, 0],
    ['reopens formatting elements', `<p><b class=a>x</p>${POST}`, '.a .post', 0, 1],
  ])('%s: %s', async (_what, page, html, posts, standard) => {
    expect({ tree: inTree(page, html), node: onNode(page, html) }).toEqual({ tree: standard, node: posts });
    expect(await bothOf({ page, html })).toEqual({
      ours: { posts },
      rewriter: { begun: posts, ended: posts },
    });
  });
});

describe('HTMLRewriter cannot express', () => {
  const NOT_ASCII = 'TypeError: Parser error: Expected ASCII-compatible encoding.';
  const UNKNOWN = 'TypeError: Parser error: Unknown character encoding has been provided.';
  const PARAGRAPH = '<p class=post>x</p>';
  it.each<[what: string, page: PageToCount, answer: PageAnswer]>([
    [
      'templates, which are not part of the page',
      { page: `<template>${PARAGRAPH}</template>${PARAGRAPH}`, html: '.post' },
      { ours: { posts: 1 }, rewriter: { begun: 2, ended: 2 } },
    ],
    [
      'JSON with markup in its strings',
      { page: `{"a":"${PARAGRAPH}"}`, html: '.post' },
      { ours: { posts: 0, failure: 'shape' }, rewriter: { begun: 1, ended: 1 } },
    ],
    [
      'a body that is not a page',
      { page: 'no page', html: '.post' },
      { ours: { posts: 0, failure: 'shape' }, rewriter: { begun: 0, ended: 0 } },
    ],
    [
      'an empty body',
      { page: '', html: '.post' },
      { ours: { posts: 0, failure: 'truncated' }, rewriter: { begun: 0, ended: 0 } },
    ],
    [
      'an attribute that exceeds the limit',
      { page: `<p class="${'x'.repeat(300_000)} post"></p>`, html: '.post' },
      { ours: { posts: 0, failure: 'too_large' }, rewriter: { begun: 1, ended: 1 } },
    ],
    [
      'a page that exceeds the limit of depth',
      { page: `${'<div>'.repeat(1100)}${PARAGRAPH}`, html: '.post' },
      { ours: { posts: 0, failure: 'shape' }, rewriter: { begun: 1, ended: 1 } },
    ],
    [
      'a post that is cut',
      { page: `${PARAGRAPH}<p class=post>y`, html: '.post', isCut: true },
      { ours: { posts: 1 }, rewriter: { begun: 2, ended: 1, error: 'Error: the upstream broke off' } },
    ],
    [
      'UTF-16 by its byte order mark',
      { page: Buffer.from(`\ufeff${PARAGRAPH}`, 'utf16le'), html: '.post' },
      { ours: { posts: 1 }, rewriter: { begun: 0, ended: 0 } },
    ],
    [
      'a charset that is not compatible with ASCII, of which it delivers nothing',
      { page: PARAGRAPH, html: '.post', contentType: 'text/html; charset=iso-2022-jp' },
      { ours: { posts: 1 }, rewriter: { begun: 0, ended: 0, error: NOT_ASCII } },
    ],
    [
      'an unknown charset, of which it delivers nothing',
      { page: PARAGRAPH, html: '.post', contentType: 'text/html; charset=x-none' },
      { ours: { posts: 1 }, rewriter: { begun: 0, ended: 0, error: UNKNOWN } },
    ],
  ])('%s', async (_what, page, answer) => {
    expect(await bothOf(page)).toEqual(answer);
  });

  it('HTMLRewriter ignores the case of all letters, and the scanner only that of ASCII', async () => {
    const page = Buffer.from('<p class=caf\u00e9>x</p><p class=post>caf\u00e9</p>', 'latin1');
    const contentType = 'text/html; charset=iso-8859-1';
    expect(await bothOf({ page, html: '.caf\u00e9', contentType })).toEqual({
      ours: { posts: 0 },
      rewriter: { begun: 1, ended: 1 },
    });
    expect(await bothOf({ page, html: '.post', contentType })).toEqual({
      ours: { posts: 1 },
      rewriter: { begun: 1, ended: 1 },
    });
  });
});
