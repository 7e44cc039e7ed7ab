/**
 * Megabytes per second of counting posts in a page of HTML against the usual parsers: htmlparser2 to a DOM and
 * css-select over it, which has the bar, and parse5 to a DOM, as a browser would read it, with css-select too.
 */

import { load } from 'cheerio';
import { load as loadDocument } from 'cheerio/slim';
import { parseDocument } from 'htmlparser2';
import { HtmlCounter } from '../../src/count/html/counter.ts';
import { compileHtml } from '../../src/count/html/plan.ts';
import { PostCount } from '../../src/count/post-count.ts';
import { median } from './load.ts';
import type { Options } from './proxies.ts';
import type { Row } from './report.ts';

const bar = { kind: 'at least', ratio: 1 } as const;
/** As a body comes from a socket. */
const chunkBytes = 16_384;
/** Rounds until the compiler has done its best. */
const warmUps = 2;
const selector = '.type-post';
const pages = [
  { label: '10 posts, 52 KB', posts: 10, styleRules: 380 },
  { label: '100 posts, 250 KB', posts: 100, styleRules: 380 },
];

export async function benchHtml({ rounds }: Options): Promise<Row[]> {
  return pages.flatMap(({ label, posts, styleRules }) => {
    const text = pageText(posts, styleRules);
    const body = Buffer.from(text);
    const works = [
      countOf(body),
      () => loadDocument(parseDocument(body.toString()))(selector).length,
      () => load(body.toString())(selector).length,
    ];
    for (const work of works)
      if (work() !== posts) throw new Error(`${work()} of ${posts} posts were counted.`);
    const speeds = works.map((): number[] => []);
    for (let round = -warmUps; round < rounds; round++) {
      for (const [index, work] of works.entries()) {
        const megabytes = speed(work, body.length);
        if (round >= 0) speeds[index]!.push(megabytes);
      }
    }
    const [counted, parsed, browsed] = speeds.map(median) as [number, number, number];
    const row = { measured: `html, ${label}`, figure: `${counted.toFixed(0)} MB/s` };
    return [
      { ...row, against: `htmlparser2 to a DOM, ${parsed.toFixed(0)} MB/s`, ratio: counted / parsed, bar },
      { ...row, against: `parse5 to a DOM, ${browsed.toFixed(0)} MB/s`, ratio: counted / browsed },
    ];
  });
}

function countOf(body: Buffer): () => number {
  const compiled = compileHtml([
    { html: selector, not: 'aside', id: 'class^=post-', otherwise: false, kind: 'post' },
  ]);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { plan } = compiled;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) chunks.push(body.subarray(at, at + chunkBytes));
  return () => {
    const found = new PostCount([{ text: selector, kind: 'post', counts: true }], true);
    const counter = new HtmlCounter(plan, found);
    for (const chunk of chunks) counter.write(chunk);
    counter.end();
    return counter.failure === undefined ? found.posts : Number.NaN;
  };
}

/** A page as a weblog sends it: much style, a list of posts with markup in them, links beside. */
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

/** Over a fifth of a second of CPU time, which stands still when the machine does not. */
function speed(work: () => number, bytes: number): number {
  const begin = process.cpuUsage();
  for (let done = 0; ; ) {
    for (let run = 0; run < 20; run++) work();
    done += 20 * bytes;
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= 200_000) return done / (user + system);
  }
}
