/**
 * HTML: a page of a weblog, compared with htmlparser2 and with parse5, which reads it like a browser. Both build a DOM
 * for css-select.
 */

import { load } from 'cheerio';
import { load as loadDocument } from 'cheerio/slim';
import { parseDocument } from 'htmlparser2';
import { chunksOf, countWith, type FormatCase, ruleOf } from './case.ts';

const selector = '.type-post';
const rule = ruleOf({ format: 'html', posts: [{ html: selector, not: 'aside', id: 'class^=post-' }] });

export function htmlCases(): FormatCase[] {
  return [page(10, 380), page(100, 380)];
}

function page(posts: number, styleRules: number): FormatCase {
  const body = Buffer.from(pageText(posts, styleRules));
  const chunks = chunksOf(body);
  return {
    label: 'html',
    bytes: body.length,
    posts,
    count: () => countWith(rule, chunks),
    usual: [
      {
        name: 'htmlparser2 to a DOM',
        posts: () => loadDocument(parseDocument(body.toString()))(selector).length,
      },
      { name: 'parse5 to a DOM', posts: () => load(body.toString())(selector).length },
    ],
  };
}

/** A page like those of weblogs: much style, a list of posts with markup, and links. */
function pageText(posts: number, styleRules: number): string {
  const style = Array.from(
    { length: styleRules },
    (_, i) => `.block-${i} > .inner{margin:${i}px auto;color:var(--c${i % 9});padding:1em}\n`,
  ).join('');
  const articles = Array.from({ length: posts }, (_, i) => article(i + 1)).join('\n');
  const links = Array.from({ length: 40 }, (_, i) => `<li><a href="/post-${i}/">Post ${i}</a></li>`).join('');
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A weblog</title><style>${style}</style>
<script>const a = "<article class='type-post'>";</script></head><body class="home blog"><main>
${articles}</main><aside><ul>${links}</ul></aside></body></html>`;
}

function article(id: number): string {
  const paragraph =
    'Words that say what happened, with <em>some</em> weight &amp; a <a href="/x">link</a> in them. ';
  return `<article id="post-${id}" class="post-${id} post type-post status-publish format-standard hentry category-news tag-a">
<header class="entry-header"><h2 class="entry-title"><a href="/post-${id}/" rel="bookmark">Post number ${id}</a></h2></header>
<figure class="post-thumbnail"><img width="640" height="480" src="/i/${id}.jpg" class="attachment wp-post-image" alt="" loading="lazy"></figure>
<div class="entry-content">${`<p>${paragraph.repeat(3)}</p>\n`.repeat(4)}</div>
<footer class="entry-footer"><span class="posted-on">Published <time datetime="2026-03-01T10:00:00+00:00">1 March 2026</time></span></footer>
</article>`;
}
