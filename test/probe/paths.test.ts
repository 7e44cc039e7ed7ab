import { expect, it } from 'vitest';
import { generalPaths } from '../../src/probe/paths.ts';

it.each<[string, string[], string[]]>([
  ['pages of single posts', ['/post-1/', '/post-2/'], ['/*']],
  ['one page of a single post', ['/blog/2026/11/30/what-we-did-today'], ['/blog/*/*/*/*']],
  ['pages in a folder', ['/topic/1/a', '/topic/22/b?page=2'], ['/topic/*/*']],
  ['pages in two folders', ['/topic/1', '/user/ann'], ['/topic/*', '/user/ann']],
  ['a front and a page', ['/', '/about'], ['/', '/about']],
  ['a version of an API', ['/api/v1/posts?limit=1', '/api/v1/posts?page=2'], ['/api/v1/posts']],
  ['a file', ['/feed1.xml'], ['/feed1.xml']],
  ['a name with a wildcard', ['/a*b'], ['/*']],
])('%s', (_, targets, expected) => {
  expect(generalPaths(targets)).toEqual(expected);
});
