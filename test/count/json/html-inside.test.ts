/** Posts in HTML that strings of JSON hold: the count must be that of the same HTML as a page. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJson } from '../../../src/count/json/compile.ts';
import { JsonScanner } from '../../../src/count/json/scanner.ts';
import { jsonSkipper } from '../../../src/count/json/skip/resumable-skipper.ts';
import { PostCount } from '../../../src/count/post-count.ts';
import { type HtmlInJsonEntry, postsEntrySchema } from '../../../src/count/route/schema.ts';
import { bytesOf, type Counted, countPage, planOf } from '../html/pages.ts';
import { pageArb, selectorArb } from '../html/random-pages.ts';
import { planned } from '../planned.ts';
import { routesOf } from '../rules.ts';
import { cut, cuts, writeJson } from './arbitraries.ts';

type Inside = Partial<HtmlInJsonEntry['inside']> & { html: string };
type Place = readonly [json: string, inside: Inside];

/** @param entries each a path and what is looked for in the strings there. */
function scannerOf(...entries: readonly Place[]) {
  const parsed = entries.map(([json, inside]) => postsEntrySchema.parse({ json, inside }));
  const jsonEntries = parsed.filter((entry) => 'json' in entry);
  const compiled = planned((problems) => compileJson(jsonEntries, undefined, problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { plan } = compiled;
  return (chunks: Iterable<Uint8Array>): Counted => {
    const items = entries.map(() => 0);
    const selectors = items.map((_, index) => ({ text: String(index), kind: 'post', counts: true }) as const);
    const found = new PostCount(selectors, true, ({ text }) => {
      items[Number(text)]!++;
    });
    const scanner = new JsonScanner(plan, jsonSkipper, found);
    for (const chunk of chunks) scanner.write(chunk);
    scanner.end();
    found.settle();
    const { ids = new Uint32Array() } = found.takeSettled();
    const different = new Set(
      Array.from({ length: ids.length / 2 }, (_, at) => `${ids[2 * at]}:${ids[2 * at + 1]}`),
    );
    const { failure } = scanner;
    return { items, ids: different.size, ...(failure === undefined ? {} : { failure }) };
  };
}

/** Items by entry, or the failure; as a whole and byte by byte. */
function countIn(body: string, ...entries: readonly Place[]): readonly number[] | string {
  const count = scannerOf(...entries);
  const bytes = bytesOf(body);
  const whole = count([bytes]);
  expect(count(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  return whole.failure ?? whole.items;
}

const POST = '<article class="post"><p>x</p></article>';
const ARTICLE: Inside = { html: 'article.post' };
const withHtml = (html: unknown) => JSON.stringify({ next: '/page/3', html, type: 'success' });

describe('HTML in strings of JSON', () => {
  it.each<[string, string, readonly number[] | string]>([
    ['two posts', withHtml(POST + POST), [2]],
    [
      'escapes of all sorts',
      String.raw`{"html":"\n\u003carticle class=\"post\"\u003e\ud83d\ude00\u003c\/article>"}`,
      [1],
    ],
    ['a whole page', withHtml(`<!doctype html><html><body>${POST}</body></html>`), [1]],
    ['no posts among elements', withHtml('<p class="end">No more posts</p>'), [0]],
    ['a post left open', withHtml('<article class="post">x'), [1]],
    ['a post that is text', withHtml(`<textarea>${POST}</textarea>`), [0]],
    ['no text', withHtml(''), [0]],
    ['space', withHtml(' \n '), [0]],
    ['null', withHtml(null), [0]],
    ['no such member', '{"next":null}', [0]],
    ['text without elements', withHtml('No more posts'), 'shape'],
    ['HTML with its markup escaped', withHtml('&lt;article class="post"&gt;'), 'shape'],
    ['JSON instead', withHtml('{"error":1}'), 'shape'],
    ['a list of strings instead', withHtml([POST]), 'shape'],
    ['an object instead', withHtml({ rendered: POST }), 'shape'],
    ['the member twice', '{"html":"","html":""}', 'shape'],
    ['an end in the middle of the text', `{"html":"<article class='post'></article>`, 'truncated'],
    ['an escape that is none', '{"html":"<p>\\x"}', 'not_json'],
  ])('%s', (_, body, expected) => {
    expect(countIn(body, ['$.html', ARTICLE])).toEqual(expected);
  });

  it('is one page for each string', () => {
    const single: Inside = { html: 'body', fallback: true };
    const page = '<body>no posts</body>';
    const body = JSON.stringify({ items: [{ html: POST + page }, { html: page }, {}, { html: POST }] });
    expect(countIn(body, ['$.items[*].html', ARTICLE], ['$.items[*].html', single])).toEqual([2, 1]);
  });

  it('counts by the first selector that fits, of all whose paths lead to the string', () => {
    const body = JSON.stringify({ html: POST, more: { html: `${POST}<aside>${POST}</aside>` } });
    expect(countIn(body, ['$.html', { html: '.post' }], ['$..html', { ...ARTICLE, not: 'aside' }])).toEqual([
      1, 1,
    ]);
  });

  it('is explained by its path and its selector', () => {
    const [rule] = routesOf({
      path: '/',
      posts: [postsEntrySchema.parse({ json: '$.html', inside: ARTICLE })],
    }).rules;
    expect(rule).toMatchObject({ selectors: [{ text: '$.html inside article.post' }] });
  });

  it('is uncounted if an attribute is longer than its bound', () => {
    const long = `<p class="${'x'.repeat(262_145)}">`;
    const body = bytesOf(withHtml(POST + long));
    const count = scannerOf(['$.html', ARTICLE]);
    expect(count(cut(body, [0.25, 0.5, 0.75]))).toMatchObject({ failure: 'too_large' });
  });

  it('counts as the same HTML does as a page, however the body is written and cut', () => {
    fc.assert(
      fc.property(
        fc.array(pageArb, { minLength: 1, maxLength: 3 }),
        selectorArb,
        selectorArb,
        fc.boolean(),
        fc.nat(9),
        cuts,
        (pages, html, other, isPart, escapeEvery, places) => {
          const insides: Inside[] = [
            { html, id: 'id', not: other },
            { html: other, fallback: true },
          ];
          const texts = pages.map((page) => (isPart ? page.replace(/^.*?<body>|<\/body>.*$/gs, '') : page));
          const list = texts.map((text, index) => ({
            id: index,
            html: text,
            next: '<article class="post">',
          }));
          const body = bytesOf(writeJson({ list }, escapeEvery));
          const count = scannerOf(...insides.map((inside) => ['$.list[*].html', inside] as const));
          const whole = count([body]);
          expect(count(cut(body, places))).toEqual(whole);
          const plan = planOf(...insides);
          const alone = texts.map((text) => countPage(plan, [bytesOf(text)]).items);
          const sum = insides.map((_, index) => alone.reduce((posts, items) => posts + items[index]!, 0));
          expect({ texts, html, other, ...whole }).toMatchObject({ texts, html, other, items: sum });
          expect(whole.failure).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });
});
