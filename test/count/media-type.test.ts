/** A body is counted by its contents, regardless of the media type that the server declares. */

import { describe, expect, it } from 'vitest';
import { nodeDecoders } from '../../src/adapters/node/coding/decoders.ts';
import { decide } from '../../src/count/count-decision.ts';
import { createCounter } from '../../src/count/create-counter.ts';
import { DEFAULT_KINDS } from '../../src/count/kinds.ts';
import { presetRoutes } from '../../src/count/presets/presets.ts';
import { compileRoutes } from '../../src/count/route/compile.ts';
import { matchRoute } from '../../src/count/route/match.ts';
import type { CompiledRoutes } from '../../src/count/route/rule.ts';
import { piecesOf } from './counting.ts';
import { routesOf } from './rules.ts';

const typed = { contentType: 'application/json' };
const routes = routesOf(
  { path: '/json', ...typed },
  { path: '/either', contentType: 'text/javascript', format: 'jsonp' },
  { path: '/either', ...typed },
  { path: '/page', ...typed },
  { path: '/page', contentType: 'text/html', posts: 'none' },
  { path: '/all', ...typed },
  {
    path: '/all',
    contentType: 'text/html',
    format: 'html',
    posts: [{ html: 'article', fallback: false, kind: 'post' }],
  },
  {
    path: '/all',
    contentType: 'application/rss+xml',
    format: 'feed',
    posts: [{ feed: 'entry', kind: 'post' }],
  },
);
const limits = { maxDecodedBytes: 1_000_000, wantsIds: false };

function counted(
  path: string,
  contentType: string | undefined,
  body: string,
  rules: CompiledRoutes = routes,
  cutBytes?: number,
): number | string {
  const head = { declaredCount: undefined, contentType, contentEncoding: undefined };
  const decision = decide('GET', 200, head, matchRoute(rules, 'GET', path));
  const counts = [body.length + 1, 1].map((bytes) => {
    const counter = createCounter(decision, nodeDecoders, limits, () => {});
    for (const piece of piecesOf(Buffer.from(body).subarray(0, cutBytes), bytes)) counter.write(piece);
    let result: number | string = 'no result';
    counter[cutBytes === undefined ? 'end' : 'abort'](({ posts, uncounted }) => {
      result = uncounted ?? posts;
    });
    return result;
  });
  expect(counts[1]).toBe(counts[0]);
  return counts[0]!;
}

const TWO = '{"data":[{},{}]}';
const HTML = '<!doctype html><h1>a</h1>';

it.each<[string, string | undefined, string, number | string]>([
  ['/json', 'text/html; charset=UTF-8', TWO, 2],
  ['/json', 'text/html', `<br />\n<b>Warning</b>: a in <b>/a.php</b><br />\n${TWO}`, 2],
  ['/json', 'text/plain', TWO, 2],
  ['/json', 'application/octet-stream', TWO, 2],
  ['/json', undefined, TWO, 2],
  ['/json', 'text/html', HTML, 0],
  ['/json', 'text/html', '', 0],
  ['/json', 'text/html', `[${TWO}]`, 'shape'],
  ['/json', 'application/activity+json', TWO, 0],
  ['/json', 'image/png', TWO, 0],
  ['/either', 'text/html', `callback(${TWO});`, 2],
  ['/either', 'text/html', TWO, 2],
  ['/either', 'text/html', HTML, 0],
  ['/page', 'text/html', TWO, 0],
])('%s as %s: %s', (path, contentType, body, expected) => {
  expect(counted(path, contentType, body)).toBe(expected);
});

const WARNING = '<br />\n<b>Warning</b>:  Undefined array key [0] in <b>/a.php</b> on line <b>3</b><br />\n';
const PAGE = `<!doctype html><script>var a = ${TWO};</script><article>a</article>`;
const RSS = '<rss><channel><item/><item/><item/></channel></rss>';
const TYPES = [
  'text/html; charset=utf-8',
  'application/json',
  'application/rss+xml',
  'text/xml',
  'text/plain',
  'application/octet-stream',
  'html',
  undefined,
];

describe('rules for several formats', () => {
  it.each<[string, string, number]>([
    ['JSON', TWO, 2],
    ['JSON behind a warning', WARNING + TWO, 2],
    ['JSON behind a word', `NULL\n${TWO}`, 2],
    ['JSON behind a byte order mark, with a comment behind it', `\ufeff${TWO}<!-- cached -->`, 2],
    ['JSONP', `/**/cb(${TWO});`, 2],
    ['JSONP behind a warning', `${WARNING}/**/cb(${TWO});`, 2],
    ['a page', PAGE, 1],
    ['a page behind a warning', WARNING + PAGE, 1],
    ['a page of XHTML', `<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "a">${PAGE}`, 1],
    ['a feed', RSS, 3],
    ['a feed with a declaration', `<?xml version="1.0"?><!-- a -->${RSS}`, 3],
    ['a feed behind a warning', `${WARNING}<?xml version="1.0"?>${RSS}`, 3],
    ['a feed with noise behind it', `${RSS}${WARNING}`, 3],
  ])('are chosen by the body: %s', (_, body, posts) => {
    for (const type of TYPES) expect([type, counted('/all', type, body)]).toEqual([type, posts]);
  });

  it.each<[string, string | undefined, string, number | string]>([
    // Elements without a page around them are read according to the media type.
    ['a fragment', 'text/html', '<article>[{"a":1}]</article>', 1],
    ['a fragment as text', 'text/plain', '<article>{"a":1}</article>', 1],
    ['a fragment as JSON', 'application/json', '<article>a</article>', 'not_json'],
    ['another vocabulary of JSON', 'application/activity+json', TWO, 0],
    ['an image', 'image/png', TWO, 0],
    ['bytes', 'application/octet-stream', 'PK\u0003\u0004{"data":[{}]}', 0],
    ['text', 'text/plain', 'hello', 0],
    ['much text', 'text/plain', 'hello '.repeat(20_000), 0],
    ['a script', 'text/javascript', `cb(${TWO})`, 2],
    ['a page as a script', 'text/javascript', PAGE, 0],
    ['nothing', 'text/html', '', 'truncated'],
    ['nothing as text', 'text/plain', '', 0],
  ])('and %s as %s', (_, type, body, expected) => {
    expect(counted('/all', type, body)).toBe(expected);
  });

  it('are chosen for what was delivered of a body that is cut', () => {
    const cut = (body: string) => counted('/all', 'text/html', body, routes, Buffer.byteLength(body));
    expect(cut(`${WARNING}{"data":[{},{`)).toBe(1);
    expect(cut('<rss><channel><item/><item>')).toBe(1);
    expect(cut('<article>a</article><article>')).toBe(1);
    expect(cut('<br /><b>War')).toBe(0);
  });
});

describe('presets', () => {
  function compiled(...names: string[]): CompiledRoutes {
    const result = compileRoutes(presetRoutes(names), DEFAULT_KINDS);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    return result.routes;
  }

  const REST = '[{"id":1,"type":"post"},{"id":2,"type":"post"}]';
  const FEED = `<?xml version="1.0"?>${RSS}`;

  it.each<[string, string, string, number]>([
    ['wordpress', '/wp-json/wp/v2/posts', REST, 2],
    ['wordpress', '/wp-json/wp/v2/posts', `${WARNING}${REST}`, 2],
    ['wordpress', '/?rest_route=/wp/v2/posts', REST, 2],
    ['wordpress', '/wp-json/wp/v2/posts?_jsonp=cb', `/**/cb(${REST})`, 2],
    ['wordpress', '/wp-json/wp/v2/posts/1', `${WARNING}{"id":1,"type":"post"}`, 1],
    ['wordpress', '/feed/', FEED, 3],
    ['wordpress', '/feed/', WARNING + FEED, 3],
    ['discourse', '/posts.json', '{"latest_posts":[{},{}]}', 2],
    ['discourse', '/latest.rss', FEED, 3],
    ['nodebb', '/api/recent', '{"posts":[{},{}]}', 2],
    ['nodebb', '/recent.rss', FEED, 3],
    ['ghost', '/ghost/api/content/posts/', '{"posts":[{},{}]}', 2],
    ['ghost', '/rss/', FEED, 3],
    ['mediawiki', '/api.php', '{"parse":{"text":"a"}}', 1],
    ['reddit', '/r/a', '{"data":{"children":[{"kind":"t3"}]}}', 1],
    ['reddit', '/r/a/.rss', '<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>', 1],
    ['mastodon', '/@a.rss', FEED, 3],
    ['lemmy', '/feeds/all.xml', FEED, 3],
    ['feeds', '/a', WARNING + FEED, 3],
  ])('%s counts %s by the body', (platform, target, body, posts) => {
    const rules = compiled(platform);
    for (const type of [
      'text/html; charset=UTF-8',
      'text/xml',
      'application/json',
      'application/octet-stream',
    ])
      expect([type, counted(target, type, body, rules)]).toEqual([type, posts]);
  });

  it.each(['wordpress', 'discourse', 'nodebb', 'mediawiki', 'feeds'])(
    '%s finds nothing in other bodies',
    (name) => {
      const rules = compiled(name);
      for (const body of [
        '<!doctype html><p>a',
        'a',
        '{"a":[{}]}',
        '<svg xmlns="a"><entry/></svg>',
        '<p>{"a":1}',
      ])
        for (const type of ['text/html', 'text/plain', 'application/json', undefined])
          expect([body, type, counted('/a', type, body, rules)]).toEqual([
            body,
            type,
            expect.toBeOneOf([0, 'shape']),
          ]);
    },
  );
});
