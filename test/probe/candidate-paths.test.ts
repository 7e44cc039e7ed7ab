import { expect, it } from 'vitest';
import { nextTarget } from '../../src/probe/candidate-paths.ts';

const base = new URL('https://a.example/posts?page=1');

it.each<[string, string, string, string | null]>([
  ['a Link header', '<https://a.example/posts?page=2>; rel="next"', '', '/posts?page=2'],
  ['one among others', '</p?1>; rel="prev", </p?3>; rel="next"', '', '/p?3'],
  ['several relations in one', '</p?3>; rel="last next"', '', '/p?3'],
  [
    'a member of the JSON',
    '',
    '{"data":[],"paging":{"next":"https:\\/\\/a.example\\/p?after=x"}}',
    '/p?after=x',
  ],
  ['next_url of a JSON Feed', '', '{"next_url":"/feed.json?page=2","items":[]}', '/feed.json?page=2'],
  ['another site', '<https://b.example/posts>; rel="next"', '', null],
  ['an invalid URL', '', '{"next":"http://["}', null],
  ['a string with a faulty escape', '', '{"next":"\\x","next_url":"\\N"}', null],
  ['a string with a line in it', '', '{"next":"/a\nb"}', null],
  ['none', '</x>; rel="prev"', '{"next":null}', null],
])('the next page by %s', (_, link, body, expected) => {
  expect(nextTarget(base, link, new TextEncoder().encode(body))).toBe(expected);
});
