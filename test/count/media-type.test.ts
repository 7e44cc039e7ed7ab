/** JSON is counted under the media types that servers give it by mistake. */

import { expect, it } from 'vitest';
import { nodeDecoders } from '../../src/adapters/node/decoders.ts';
import { createCounter } from '../../src/count/counter.ts';
import { decide } from '../../src/count/outcome.ts';
import { matchRoute } from '../../src/count/route/match.ts';
import { routesOf } from './rules.ts';

const typed = { contentType: 'application/json' };
const routes = routesOf(
  { path: '/json', ...typed },
  { path: '/either', contentType: 'text/javascript', format: 'jsonp' },
  { path: '/either', ...typed },
  { path: '/page', ...typed },
  { path: '/page', contentType: 'text/html', posts: 'none' },
);
const limits = { maxDecodedBytes: 10_000, wantsIds: false };

function counted(path: string, contentType: string | undefined, body: string): number | string {
  const head = { declaredCount: undefined, contentType, contentEncoding: undefined };
  const decision = decide('GET', 200, head, matchRoute(routes, 'GET', path));
  const counter = createCounter(decision, nodeDecoders, limits, () => {});
  counter.write(Buffer.from(body));
  let result: number | string = 'no result';
  counter.end(({ posts, uncounted }) => {
    result = uncounted ?? posts;
  });
  return result;
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
