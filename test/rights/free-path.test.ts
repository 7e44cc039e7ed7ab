import { expect, it } from 'vitest';
import { isFreePath } from '../../src/rights/free-path.ts';

const PREFIXES = ['/open/', '/about'];

it.each([
  '/robots.txt',
  '/security.txt',
  '/ads.txt',
  '/favicon.ico',
  '/.well-known/postmeter/license.xml',
  '/sitemap.xml',
  '/sitemap_index.xml',
  '/wp-sitemap-posts-post-1.xml',
  '/open',
  '/open/',
  '/open/a/b?page=2',
  '/about',
  '/about/us',
])('%s is free', (target) => {
  expect(isFreePath('GET', target, PREFIXES)).toBe(true);
  expect(isFreePath('HEAD', target, PREFIXES)).toBe(true);
  expect(isFreePath('POST', target, PREFIXES)).toBe(false);
});

it.each([
  '/',
  '/author/robots.txt',
  '/robots.txt/author/ada',
  '/robots.txt?p=5',
  '/favicon.ico?rest_route=/wp/v2/posts',
  '/.well-known/../author/ada',
  '/.well-known/..%2fauthor/ada',
  '/.well-known/%2e%2e/author/ada',
  '/open/..;/author/ada',
  '/open/../author/ada',
  '/three/../robots.txt',
  '/three/%2e%2e/.well-known/x',
  '/three/..;/favicon.ico',
  '/author/ada/../../open/',
  '/opened',
  '/abouts',
  '/sitemap/posts.xml',
])('%s is not free', (target) => {
  expect(isFreePath('GET', target, PREFIXES)).toBe(false);
});
