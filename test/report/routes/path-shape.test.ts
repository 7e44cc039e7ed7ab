import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pathShape } from '../../../src/report/routes/path-shape.ts';
import { anyCharacter } from '../../support/characters.ts';

test.each([
  ['/', '/'],
  ['/2/tweets/search/recent?query=a&max_results=100', '/2/tweets/search/recent'],
  ['/2/tweets/1234567890', '/2/tweets/{id}'],
  ['/api/v1/accounts/7/statuses', '/api/v1/accounts/{id}/statuses'],
  ['/api/v1/posts/7.json', '/api/v1/posts/{id}.json'],
  ['/wp-json/wp/v2/posts', '/wp-json/wp/v2/posts'],
  ['/2024/05/12/how-to-brew-coffee/', '/{id}/{id}/{id}/{id}/'],
  ['/@alice/109348572', '/@{id}/{id}'],
  ['/xrpc/app.bsky.feed.getTimeline', '/xrpc/app.bsky.feed.getTimeline'],
  ['/r/typescript/new.json#top', '/r/typescript/new.json'],
  ['/f/01957a6e-0000-7000-8000-000000000000', '/f/{id}'],
  ['/f/dQw4w9WgXcQ', '/f/{id}'],
  ['/f/a%40b.example', '/f/{id}'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/...'],
])('the shape of %s is %s', (target, shape) => {
  expect(pathShape(target)).toBe(shape);
});

test('a shape is short and has no query, for any request target', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500, unit: anyCharacter }), (text) => {
      const shape = pathShape(`/${text}`);
      expect(shape.length).toBeLessThanOrEqual(8 * 33 + 4);
      expect(shape).toMatch(/^\/[A-Za-z0-9._~/{}@-]*$/);
    }),
    { numRuns: 50 },
  );
});
