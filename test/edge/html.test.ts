/**
 * The product's scanner counts HTML at the edge, as on Node. On valid pages its count equals that of Cloudflare's
 * HTMLRewriter, so a selector means the same in both.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageArb, selectorArb, soundPageArb } from '../count/html/random-pages.ts';
import { entryOf, inTree, onNode, pagesInWorkerd } from './html-counts.ts';

const bothOf = pagesInWorkerd();

const SITE = `<!DOCTYPE html><html lang="en"><head><title>p</title><script>"<i class=post></i>"</script></head><body>
<nav><ul><li class="item one">1</li><li class="item two" id="second">2</li><li>3</li></ul></nav>
<main lang="en-GB"><article class="post wide" data-id="1"><h2>x</h2><p>1 &lt; 2</p><img src="x" class="picture"></article>
<!-- <article class="post"></article> --><article class="post" data-id="2"><p>a</p><span>b</span><p>c</p></article>
<section class="ad"><article class="post">3</article></section><svg><path class="post"/><g class="post"></g></svg>
</main><aside><article class="post">4</article></aside></body></html>`;

describe('a valid page', () => {
  it.each<[html: string, posts: number, not?: string]>([
    ['article.post', 4],
    ['article.post', 3, 'aside'],
    ['article.post', 2, 'aside, .ad'],
    ['article.post', 0, 'article'],
    ['.post', 5, 'path'],
    ['main > .post', 2],
    ['main article', 2, '.wide'],
    ['ARTICLE', 4],
    ['#second', 1],
    ['[data-id]', 2],
    ['[class="post wide"]', 1],
    ['[class~=wide]', 1],
    ['[class^=pict]', 1],
    ['[class$=two]', 1],
    ['[class*="m o"]', 1],
    ['[lang|=en]', 2],
    ['[lang="EN" s]', 0],
    ['[class="POST" i]', 5],
    ['li:not(.item)', 1],
    ['li:not(.one, #second)', 1],
    ['li:nth-child(2n+1)', 2],
    ['li:nth-child(-n+2)', 2],
    ['li:first-child', 1],
    ['p:nth-of-type(2)', 1],
    ['span:first-of-type', 1],
    ['img, hr', 1],
  ])('contains %s %d times, for both', async (html, posts, not) => {
    expect({ tree: inTree(SITE, html, not), node: onNode(SITE, html, not) }).toEqual({
      tree: posts,
      node: posts,
    });
    expect(await bothOf({ page: SITE, ...entryOf(html, not) })).toEqual({
      ours: { posts },
      rewriter: { begun: posts, ended: posts },
    });
  });

  it('has case-insensitive attributes in HTML and case-sensitive ones in SVG, for both', async () => {
    const page = '<p lang="EN">x</p><svg><path lang="EN"/></svg>';
    expect(await bothOf({ page, html: '[lang=en]' })).toEqual({
      ours: { posts: 1 },
      rewriter: { begun: 1, ended: 1 },
    });
  });

  it('has the same count by both, on Node and in its tree', async () => {
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

describe('a page that omits end tags', () => {
  it('has the same count in workerd and on Node', async () => {
    const property = fc.asyncProperty(pageArb, selectorArb, async (page, html) => {
      const { ours } = await bothOf({ page, html });
      expect({ page, html, posts: ours.posts }).toEqual({ page, html, posts: onNode(page, html) });
    });
    await fc.assert(property, { numRuns: 50 });
  });
});
