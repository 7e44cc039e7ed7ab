import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS } from '../../../src/count/kinds.ts';
import type { Site } from '../../../src/count/presets/place.ts';
import { presetRoutes } from '../../../src/count/presets/presets.ts';
import { compileRoutes } from '../../../src/count/route/compile.ts';
import { matchRoute, ruleFor } from '../../../src/count/route/match.ts';

function routeOf(sites: readonly Site[], target: string, contentType = 'application/json'): string | null {
  const compiled = compileRoutes(presetRoutes(sites), DEFAULT_KINDS);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return ruleFor(matchRoute(compiled.routes, 'GET', target), contentType)?.name ?? null;
}

const BLOG: Site = { name: 'wordpress', base: '/blog' };
const POSTS = 'wordpress /wp/v2/posts';

describe('a preset on its host', () => {
  it.each<[string, Site[], string, string | null]>([
    ['at the root', ['wordpress'], '/wp-json/wp/v2/posts', POSTS],
    ['behind a language', ['wordpress'], '/fr/wp-json/wp/v2/posts', POSTS],
    ['behind a language and region', ['wordpress'], '/pt-br/wp-json/wp/v2/posts', POSTS],
    ['behind a language with an underscore', ['wordpress'], '/EN_us/wp-json/wp/v2/posts', POSTS],
    ['behind a language with script and region', ['wordpress'], '/zh-hans-cn/wp-json/wp/v2/posts', POSTS],
    ['behind what is not a language', ['wordpress'], '/french/wp-json/wp/v2/posts', null],
    ['behind two languages', ['wordpress'], '/fr/de/wp-json/wp/v2/posts', null],
    ['api is not a language', ['discourse'], '/api/posts/1', null],
    ['below a base', [BLOG], '/blog/wp-json/wp/v2/posts', POSTS],
    ['below a base, in another letter case', [BLOG], '/Blog//wp-json/wp/v2/posts/', POSTS],
    ['below a base, before a language', [BLOG], '/blog/fr/wp-json/wp/v2/posts', POSTS],
    ['below a base, behind a language', [BLOG], '/fr/blog/wp-json/wp/v2/posts', POSTS],
    ['outside its base', [BLOG], '/wp-json/wp/v2/posts', null],
    ['beside its base', [BLOG], '/blogs/wp-json/wp/v2/posts', null],
    ['by the query below a base', [BLOG], '/blog/?rest_route=/wp/v2/posts', POSTS],
    ['by the query outside of it', [BLOG], '/?rest_route=/wp/v2/posts', null],
    ['two sites, the first', ['wordpress', BLOG], '/wp-json/wp/v2/posts', POSTS],
    ['two sites, the second', ['wordpress', BLOG], '/blog/wp-json/wp/v2/posts', `${POSTS}`],
  ])('%s', (_, sites, target, route) => {
    expect(routeOf(sites, target)?.replace(' below /blog', '') ?? null).toBe(route);
  });

  it('is named with its base', () => {
    expect(routeOf([BLOG], '/blog/wp-json/wp/v2/posts')).toBe(`${POSTS} below /blog`);
  });

  it('answers for its own base before a platform that answers for any path', () => {
    const sites: Site[] = ['wordpress', { name: 'feeds', base: '/news' }];
    expect(routeOf(sites, '/news/a.xml', 'application/rss+xml')).toBe('feed below /news');
    expect(routeOf(sites, '/a.xml', 'application/rss+xml')).toBe('wordpress feed');
  });
});
