import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS } from '../../../src/count/kinds.ts';
import { compileRoutes } from '../../../src/count/route/compile.ts';
import { matchRoute, ruleFor } from '../../../src/count/route/match.ts';
import { routeSchema } from '../../../src/count/route/schema.ts';
import { routesOf } from '../rules.ts';

const counted = (path: string, target: string, query?: Record<string, string>) =>
  matchRoute(routesOf(query ? { path, query } : { path }), 'GET', target).length > 0;

describe('matching a request', () => {
  it.each([
    ['as it is', '/2/tweets/search/recent'],
    ['with a query', '/2/tweets/search/recent?query=%2F..%2F'],
    ['a closing slash', '/2/tweets/search/recent/'],
    ['doubled slashes', '//2/tweets//search/recent'],
    ['an escaped letter', '/2/tweets/se%61rch/recent'],
    ['escapes in small and capital letters', '/2/%74weets/%73earch/%72ecen%74'],
    ['an escaped slash', '/2/tweets%2fsearch/recent'],
    ['an escaped slash in capitals', '/2/tweets%2Fsearch/recent'],
    ['a backslash', '/2/tweets\\search/recent'],
    ['an escaped backslash', '/2/tweets%5csearch/recent'],
    ['dot segments', '/2/./tweets/x/../search/recent'],
    ['escaped dot segments', '/2/%2e/tweets/x/%2E%2e/search/recent'],
    ['dot segments above the root', '/../../2/tweets/search/recent'],
    ['another letter case', '/2/Tweets/SEARCH/recent'],
    ['path parameters', '/2/tweets;v=1/search;x/recent;jsessionid=1'],
    ['an absolute target', 'http://example.org/2/tweets/search/recent?x'],
    ['an absolute target without path', 'http://example.org//2/tweets/search/recent'],
    ['a line feed at the end', '/2/tweets/search/recent%0A'],
    ['a fragment', '/2/tweets/search/recent#x'],
  ])('is not evaded by %s', (_, target) => {
    expect(counted('/2/tweets/search/recent', target)).toBe(true);
  });

  it.each([
    ['/2/users/*/tweets', '/2/users/12/tweets', true],
    ['/2/users/*/tweets', '/2/users/a%2Fb/tweets', true],
    ['/2/users/*/tweets', '/2/users/tweets', false],
    ['/2/users/*/tweets', '/2/users/1/2/tweets', false],
    ['/2/users/*/tweets', '/2/users//tweets', false],
    ['/wp-json/wp/v2/**', '/wp-json/wp/v2', true],
    ['/wp-json/wp/v2/**', '/wp-json/wp/v2/posts/12', true],
    ['/wp-json/wp/v2/**', '/wp-json/wp/v2x', false],
    ['/**', '/', true],
    ['/', '/', true],
    ['/', '/x', false],
    ['/a.b', '/a.b', true],
    ['/a.b', '/axb', false],
    ['/é/x', '/%C3%A9/x', true],
    ['/é/x', '/\u00c3\u00a9/x', true],
    ['/x', '/%zz%ff', false],
  ])('rule %s and target %s: %s', (path, target, fits) => {
    expect(counted(path, target)).toBe(fits);
  });

  it.each([
    ['/?rest_route=/wp/v2/posts', true],
    ['/index.php?a=1&rest_route=%2Fwp%2Fv2%2Fposts', true],
    ['/?rest_route=/wp/v2/posts/', true],
    ['/?rest_route=//WP/v2/./posts', true],
    ['/?rest%5froute=/wp/v2/posts', true],
    ['/?rest.route=/wp/v2/posts', true],
    ['/?+rest_route=/wp/v2/posts', true],
    ['/?rest_route=/wp/v2/posts/&rest_route=/wp/v2/posts', true],
    ['/?rest_route%00x=/wp/v2/posts', true],
    ['/?rest_route=/wp/v2/posts%0a', true],
    ['/?rest_route=/wp/v2/posts%0a%0a', false],
    ['/?rest_route=/wp/v2/pages', false],
    ['/?rest_route', false],
    ['/', false],
  ])('query %s: %s', (target, fits) => {
    expect(counted('/**', target, { rest_route: '/wp/v2/posts' })).toBe(fits);
  });

  it.each([
    ['/?embed=1', true],
    ['/?embed=', true],
    ['/?embed', true],
    ['/?a=b&embed[]=x', true],
    ['/?embed%5B2%5D=x', true],
    ['/?embedded=1', false],
    ['/?[embed]=1', false],
    ['/', false],
  ])('a query with any value %s: %s', (target, fits) => {
    expect(counted('/**', target, { embed: '*' })).toBe(fits);
  });

  it('takes the first rule that fits method, query and media type', () => {
    const routes = routesOf(
      { path: '/a', name: 'none', methods: ['POST'], posts: 'none' },
      { path: '/a', name: 'json', contentType: 'application/*+json' },
      { path: '/**', name: 'rest' },
    );
    const nameOf = (method: string, type?: string) => ruleFor(matchRoute(routes, method, '/a'), type)?.name;
    expect(nameOf('POST')).toBe('none');
    expect(nameOf('GET', 'Application/activity+JSON; charset=utf-8')).toBe('json');
    expect(nameOf('GET', 'application/json')).toBe('rest');
    expect(nameOf('GET')).toBe('rest');
  });

  it('answers the same for a path that it has seen, with and without room to remember it', () => {
    const routes = routesOf({ path: '/users/*/posts' });
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5000; i++) {
        expect(matchRoute(routes, 'GET', `/users/${i}/posts`)).toHaveLength(1);
        expect(matchRoute(routes, 'GET', `/users/${i}/likes`)).toHaveLength(0);
      }
    }
    expect(routes.byPath.size).toBeLessThanOrEqual(4096);
    expect(matchRoute(routes, 'GET', `/users/${'x'.repeat(10_000)}/posts`)).toHaveLength(1);
  });
});

describe('reading rules', () => {
  it('reports every fault with its place, reason and hint', () => {
    const routes = [
      { path: '/a/**/b', posts: [{ json: '$.a[?@.b]' }] },
      { path: '/a*', posts: [{ json: '$[*]' }, { json: '$.a[0]', where: 'kind = 1' }] },
      { path: '/b', query: { q: '/x*' }, posts: 'none' },
    ].map((route) => routeSchema.parse(route));
    const compiled = compileRoutes(routes, DEFAULT_KINDS);
    expect(compiled).toEqual({
      ok: false,
      problems: [
        { at: [0, 'path'], message: expect.stringContaining('must come last') },
        { at: [0, 'posts', 0, 'json'], message: expect.stringMatching(/position 4: .*"where"/) },
        { at: [1, 'path'], message: expect.stringContaining('whole segment') },
        { at: [1, 'posts', 1, 'json'], message: expect.stringMatching(/position 4: .*"where"/) },
        { at: [1, 'posts', 1, 'where'], message: expect.stringContaining('use member == "value"') },
        { at: [2, 'query', 'q'], message: expect.stringContaining('whole segment') },
      ],
    });
  });

  it.each([
    { path: 'a', posts: 'none' },
    { path: '/a', posts: [] },
    { path: '/a', posts: 'all' },
    { path: '/a', posts: 'none', methods: ['get'] },
    { path: '/a', posts: 'none', contentType: 'json' },
    { path: '/a', posts: 'none', colour: 1 },
    { path: '/a' },
  ])('refuses %o', (route) => {
    expect(routeSchema.safeParse(route).success).toBe(false);
  });
});
