import { describe, expect, it } from 'vitest';
import { nodeDecoders } from '../../src/adapters/node/coding/decoders.ts';
import { decide } from '../../src/count/count-decision.ts';
import type { CountResult } from '../../src/count/counter.ts';
import { createCounter } from '../../src/count/create-counter.ts';
import { matchRoute } from '../../src/count/route/match.ts';
import { routesOf } from './rules.ts';

const routes = routesOf(
  { path: '/posts', posts: [{ json: '$.data[*]', kind: 'post' }] },
  { path: '/list', posts: [{ json: '$[:]', kind: 'post' }] },
  { path: '/item', posts: [{ json: '$', id: 'id', kind: 'post' }] },
  {
    path: '/scroll',
    posts: [{ json: '$.html', inside: { html: 'article', fallback: false }, kind: 'post' }],
  },
  { path: '/feed', format: 'feed', posts: [{ feed: 'entry', kind: 'post' }] },
  { path: '/page', format: 'html', posts: [{ html: 'article', fallback: false, kind: 'post' }] },
  { path: '/lines', format: 'ndjson', posts: [{ json: '$', kind: 'post' }] },
);

const HEAD = { declaredCount: undefined, contentType: undefined, contentEncoding: undefined };
const limits = { maxDecodedBytes: 10_000, wantsIds: false };

async function counted(
  path: string,
  status: number,
  body: string,
  { isCut = false, ...head }: { isCut?: boolean; declaredCount?: string; contentLength?: number } = {},
): Promise<number | string> {
  const decision = decide('GET', status, { ...HEAD, ...head }, matchRoute(routes, 'GET', path));
  const counter = createCounter(decision, nodeDecoders, limits, () => {});
  counter.write(Buffer.from(body));
  const result = await new Promise<CountResult>((done) => (isCut ? counter.abort(done) : counter.end(done)));
  return result.uncounted ?? result.posts;
}

const POSTS = '{"data":[{"id":1},{"id":2}]}';
const FEED = '<rss version="2.0"><channel><item><title>a</title></item></channel></rss>';
const HTML = '<!doctype html><h1>Not Found</h1>';
const STATUSES = [205, 301, 400, 404, 418, 429, 500, 503];

describe.each(STATUSES)('under status %i', (status) => {
  it.each([
    ['/posts', POSTS, 2],
    ['/list', '[{"id":1},{"id":2},{"id":3}]', 3],
    ['/item', '{"id":1,"content":"a"}', 1],
    ['/item', '{"content":"a"}', 1],
    ['/feed', FEED, 1],
    ['/page', '<article>a</article><article>b</article>', 2],
    ['/lines', '{"id":1}\n{"id":2}\n', 2],
    ['/scroll', '{"html":"<article>a</article>","message":"ok"}', 1],
  ])('posts of %s count: %s', async (path, body, posts) => {
    expect(await counted(path, status, body)).toBe(posts);
  });

  it.each([
    ['/posts', ''],
    ['/posts', ' \r\n'],
    ['/posts', HTML],
    ['/posts', 'Not found'],
    ['/posts', '{"error":"Record not found"}'],
    ['/posts', '{"data":"none"}'],
    ['/list', '{"code":"rest_forbidden","message":"No.","data":{"status":403}}'],
    ['/list', '[]'],
    ['/item', '{"code":"rest_forbidden","message":"No.","data":{"status":403}}'],
    ['/item', '{"error":"Record not found"}'],
    ['/item', '{"errors":[{"title":"gone"}]}'],
    ['/item', '{"detail":"Not found."}'],
    ['/feed', HTML],
    ['/feed', '{"error":1}'],
    ['/page', HTML],
    ['/lines', HTML],
    ['/scroll', '{"html":"","message":"gone"}'],
    ['/scroll', '{"html":"Not found"}'],
    ['/lines', ''],
  ])('an error of %s contains no posts and raises no alarm: %s', async (path, body) => {
    expect(await counted(path, status, body)).toBe(0);
  });

  it.each([
    ['/posts', `${POSTS}}`, 'not_json'],
    ['/posts', `{"data":[{"id":1}],"data":[{"id":1}]}`, 'shape'],
    ['/item', '[{"id":1},{"id":2}]', 'shape'],
    ['/posts', POSTS.padEnd(10_001), 'too_large'],
    ['/posts', HTML.padEnd(10_001), 'too_large'],
  ])('posts of %s cannot hide: %s', async (path, body, reason) => {
    expect(await counted(path, status, body)).toBe(reason);
  });
});

describe('a declared count of a body that is cut', () => {
  it.each([
    [100, 1_000, 999, 99],
    [100, 1_000, 10, 1],
    [100, 1_000, 9, 0],
    [3, 3, 2, 2],
    [100, 1_000, 0, 0],
    [999_999_999_999_999, 1_000, 999, 998_999_999_999_999],
    [5, 10, 10, 5],
  ])('of %i in %i bytes, %i delivered: %i', async (posts, contentLength, bytes, expected) => {
    const head = { declaredCount: String(posts), contentLength, isCut: true };
    for (const path of ['/posts', '/other'])
      expect(await counted(path, 200, 'x'.repeat(bytes), head)).toBe(expected);
  });

  it('is read from a body of unknown length, and never above what was declared', async () => {
    expect(await counted('/posts', 200, POSTS.slice(0, 18), { declaredCount: '9', isCut: true })).toBe(1);
    expect(await counted('/posts', 200, POSTS, { declaredCount: '1', isCut: true })).toBe(1);
    expect(await counted('/posts', 200, POSTS, { declaredCount: '9' })).toBe(9);
    expect(await counted('/other', 200, POSTS, { declaredCount: '9', isCut: true })).toBe('declared_cut');
  });
});
