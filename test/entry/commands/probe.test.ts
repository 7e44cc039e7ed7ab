import { afterAll, beforeAll, expect, it } from 'vitest';
import { probeCommand } from '../../../src/entry/commands/probe.ts';
import { UsageError } from '../../../src/entry/usage-error.ts';
import type { Origin } from '../../support/origins/listening.ts';
import { startOrigin } from '../../support/origins/scripted.ts';

let server: Origin;
let base: string;

const wpPost = (id: number) => ({
  id,
  type: 'post',
  link: `http://a/${id}`,
  title: { rendered: 't' },
  content: { rendered: 'c' },
});
const pages: Record<string, [type: string, body: string, headers?: Record<string, string>]> = {
  '/wp-json/wp/v2/posts?per_page=10': ['application/json', JSON.stringify([wpPost(1), wpPost(2)])],
  '/api/items?page=1': [
    'application/json',
    JSON.stringify({
      results: [
        { pk: 1, body: 'a' },
        { pk: 2, body: 'b' },
      ],
      next: '/api/items?page=2',
    }),
  ],
  '/api/items?page=2': ['application/json', JSON.stringify({ results: [{ pk: 3, body: 'c' }], next: null })],
  '/lines': ['application/x-ndjson', '{"text":"a","id":1}\n{"text":"b","id":2}\n\n{"text":"c","id":3}\n'],
  '/page': ['text/html', '<!doctype html><main><article>a</article><article>b</article></main>'],
  '/empty': ['application/json', '{}'],
};

beforeAll(async () => {
  server = await startOrigin((request, response) => {
    const page = pages[request.url!];
    if (page === undefined)
      response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"posts":[]}');
    else response.writeHead(200, { 'Content-Type': page[0] }).end(page[1]);
  });
  base = server.url;
});
afterAll(() => server.stop());

async function probe(...args: string[]) {
  let out = '';
  const command = probeCommand()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  await command.parseAsync(args, { from: 'user' });
  return JSON.parse(out);
}

it('recognises a platform by its front page, and names its preset', async () => {
  const report = await probe(base);
  expect(report).toMatchObject({ configuration: { platform: 'wordpress' }, posts: 2 });
  expect(report.pages).toHaveLength(2);
});

it('writes a route for a shape that no preset has, from all pages that it follows', async () => {
  const report = await probe(`${base}/api/items?page=1`);
  expect(report.configuration).toEqual({
    routes: [
      { path: '/api/items', contentType: 'application/json', posts: [{ json: '$.results[*]', id: 'pk' }] },
    ],
  });
  expect(report.posts).toBe(3);
  expect(report.pages.map(({ target }: { target: string }) => target)).toEqual([
    '/api/items?page=1',
    '/api/items?page=2',
  ]);
});

it('follows no more pages than requested', async () => {
  expect((await probe(`${base}/api/items?page=1`, '--pages', '1')).posts).toBe(2);
});

it.each([
  ['/lines', 'ndjson', 3],
  ['/page', 'html', 2],
])('reads the shape of %s', async (path, format, posts) => {
  const report = await probe(base + path);
  expect(report).toMatchObject({ posts, configuration: { routes: [{ path, format }] } });
  expect(report.doubts.length).toBeGreaterThan(0);
});

it('reports it if there is nothing', async () => {
  const report = await probe(`${base}/empty`);
  expect(report).toMatchObject({ configuration: null, posts: 0 });
  expect(report.doubts[0]).toMatch(/no list of posts was found/);
});

it('reports that no server answers', async () => {
  await expect(probe('http://127.0.0.1:1/posts')).rejects.toThrow(UsageError);
  await expect(probe('ftp://a')).rejects.toThrow(/http/);
});
