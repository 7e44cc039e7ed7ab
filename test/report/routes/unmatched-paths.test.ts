import { expect, test } from 'vitest';
import { UnmatchedPaths } from '../../../src/report/routes/unmatched-paths.ts';

test('returns the most frequent shapes first, since the last take, without responses that have no posts', () => {
  const paths = new UnmatchedPaths();
  for (let id = 1; id <= 5; id++) paths.saw(`/hidden/${id}?page=2`, 'application/json', 100);
  paths.saw('/about', 'text/html', 10);
  for (const type of ['image/png', 'text/css', 'application/javascript; charset=utf-8', 'font/woff2'])
    paths.saw(`/asset/${type}`, type, 1_000);
  expect(paths.take()).toEqual([
    { path: '/hidden/{id}', responses: 5, bytes: 500 },
    { path: '/about', responses: 1, bytes: 10 },
  ]);
  expect(paths.take()).toEqual([]);
  paths.saw('/about', undefined, 7);
  expect(paths.take()).toEqual([{ path: '/about', responses: 1, bytes: 7 }]);
});

test('reduces names of people in a path to one shape', () => {
  const paths = new UnmatchedPaths();
  for (const name of ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida'])
    paths.saw(`/users/${name}/`, 'text/html', 1);
  for (const name of ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida'])
    paths.saw(`/u/${name}`, 'text/html', 1);
  expect(paths.take()).toContainEqual({ path: '/u/{id}', responses: 9, bytes: 9 });
});

test('a flood of different paths is bounded, and does not hide later paths', () => {
  const paths = new UnmatchedPaths();
  const word = (n: number) => n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]!);
  for (let n = 0; n < 20_000; n++) paths.saw(`/${word(n)}/${word(n * 7)}`, 'text/html', 1);
  expect(paths.take().length).toBeLessThanOrEqual(20);
  paths.saw('/later', 'text/html', 1);
  expect(paths.take()).toEqual([{ path: '/later', responses: 1, bytes: 1 }]);
});
