import { describe, expect, it } from 'vitest';
import { compileJson } from '../../../src/count/json/compile.ts';
import { JsonScanner } from '../../../src/count/json/scanner.ts';
import { jsonSkipper } from '../../../src/count/json/skip/resumable-skipper.ts';
import type { JsonEntry } from '../../../src/count/route/schema.ts';
import { planned } from '../planned.ts';
import { FoundItems, hashed } from './found-items.ts';

type Entry = Omit<JsonEntry, 'kind'>;

/** What is found in the body, byte by byte and as a whole, by entries as a route has them. */
function found(entries: readonly Entry[], ...bodies: readonly string[]): unknown {
  const posts = entries.map((entry): JsonEntry => ({ ...entry, kind: 'post' }));
  const compiled = planned((problems) => compileJson(posts, undefined, problems));
  if (!compiled.ok) return compiled.problems;
  const items = new FoundItems();
  const scanner = new JsonScanner(compiled.plan, jsonSkipper, items);
  const failures = bodies.map((body) => {
    const bytes = Buffer.from(body);
    scanner.reset();
    scanner.write(bytes);
    scanner.end();
    const whole = items.items.splice(0);
    const { failure } = scanner;
    scanner.reset();
    for (const byte of bytes) scanner.write(Uint8Array.of(byte));
    scanner.end();
    expect({ items: items.items.splice(0), failure: scanner.failure }).toEqual({ items: whole, failure });
    return failure ?? whole;
  });
  return failures.length === 1 ? failures[0] : failures;
}

/** Items of the first rule with these ids. */
function items(...ids: Array<string | null>): unknown {
  return hashed(ids.map((id) => ({ rule: 0, id })));
}

const batch = { json: '$[:].body', inside: '$.data[*]', id: 'id' };

describe('entries of a route', () => {
  it.each<[string, Entry, string, unknown]>([
    [
      'an id',
      { json: '$[*]', id: 'id' },
      '[{"id":"a"},{"id":7},{"id":null},{},{"id":""}]',
      items('a', '7', null, null, null),
    ],
    [
      'an id inside',
      { json: '$[*]', id: 'post.uri' },
      '[{"post":{"uri":"at:\\/\\/\\u00e9"}},{"post":"x"}]',
      items('at://é', null),
    ],
    ['the first of two ids', { json: '$[*]', id: 'id' }, '[{"id":"a","id":"b"}]', items('a')],
    ['the longest id', { json: '$[*]', id: 'id' }, `[{"id":"${'x'.repeat(512)}"}]`, items('x'.repeat(512))],
    ['an id beyond that', { json: '$[*]', id: 'id' }, `[{"id":"${'x'.repeat(513)}"}]`, items(null)],
    [
      'what is absent',
      { json: '$[*]', where: 'reblog is absent', id: 'id' },
      '[{"id":1},{"id":2,"reblog":{}},{"reblog":null,"id":3},7]',
      items('1', '3'),
    ],
    [
      'what is present',
      { json: '$[*]', where: 'reblog is present', id: 'id' },
      '[{"id":1},{"id":2,"reblog":{}},{"reblog":null,"id":3},{"reblog":"","id":4}]',
      items('2', '4'),
    ],
    [
      'members of one origin, as addresses and as objects with one',
      { json: '$[*]', where: 'kind == "a"', sameOrigin: ['by', 'of.post'], id: 'id' },
      JSON.stringify([
        { id: 1, kind: 'a', by: 'https://a.example/x', of: { post: 'https://a.example/y?z' } },
        {
          id: 2,
          kind: 'a',
          of: { post: { name: 'y', id: 'https://a.example#y' } },
          by: { id: 'HTTPS://A.example' },
        },
        { id: 3, kind: 'b', by: 'https://a.example/x', of: { post: 'https://a.example/y' } },
        { id: 4, kind: 'a', by: 'https://a.example/x', of: { post: 'https://b.example/y' } },
        { id: 5, kind: 'a', by: 'https://a.example/x', of: { post: ['https://a.example/y'] } },
        { id: 6, kind: 'a', by: 'https://a.example/x' },
        { id: 7, kind: 'a' },
        { id: 8, kind: 'a', by: 'did:plc:a', of: { post: 'did:plc:a' } },
        { id: 9, kind: 'a', by: 7, of: { post: 7 } },
      ]).replaceAll('/', '\\/'),
      items('1', '2'),
    ],
    [
      'one origin in several spellings',
      { json: '$[*]', sameOrigin: ['by', 'of'], id: 'id' },
      JSON.stringify(
        [
          ['https://a.example', 'https://A.EXAMPLE:443/x'],
          ['https://a.example?x', 'https://me:too@a.example/'],
          ['http://127.1/', 'http://127.0.0.1#x'],
          ['http://ä.example/', 'http://xn--4ca.example'],
          ['https://a.example:8443/x', 'https://a.example:8443'],
          ['https://a.example/', 'https://a.example:8443'],
          ['https://a.example/', 'http://a.example/'],
          ['https://a.example/', 'https://a.example.org/'],
          ['https://a.example/', 'https://a.example@b.example/'],
          ['https://', 'https://'],
          ['ftp://a.example/', 'ftp://a.example/'],
        ].map(([by, of], id) => ({ id, by, of })),
      ),
      items('0', '1', '2', '3', '4'),
    ],
    ['lists only', { json: '$.body[:]' }, '{"body":{"code":1,"data":{"status":404}}}', []],
    ['lists only, where one is', { json: '$.body[:]' }, '{"body":[{},{}]}', items(null, null)],
    ['lists only, a text', { json: '$.body[:]' }, '{"body":"gone"}', 'shape'],
    [
      'replies to replies',
      { json: '$.thread..replies[*].post', id: 'uri' },
      '{"thread":{"post":{"uri":"0"},"replies":[{"post":{"uri":"1"},"replies":[{"post":{"uri":"2"}}]},{"replies":[]}]}}',
      items('1', '2'),
    ],
    [
      'comments in comments, each by its own test and id',
      { json: '$..children[*]', where: 'kind == "t1"', id: 'data.id' },
      '[{"data":{"children":[{"data":{"children":[{"kind":"t1","data":{"id":"in"}},{"kind":"more","data":{"children":["x"]}}],"id":"out"},"kind":"t1"}]}}]',
      items('in', 'out'),
    ],
    [
      'what is searched promises nothing',
      { json: '$..replies[*]' },
      '{"replies":5,"a":{"replies":"none"},"b":{"replies":[{}]}}',
      items(null),
    ],
    [
      'JSON in texts',
      batch,
      '[{"body":"{\\"data\\":[{\\"id\\":\\"\\\\u00e9\\"},{\\"id\\":2}]}"},null,{"body":""},{"body":null}]',
      items('é', '2'),
    ],
    ['a text that is no JSON', batch, '[{"body":"<html>"},{"body":"01FV"},{"body":"  "}]', []],
    ['an error in a text', batch, '[{"body":"{\\"error\\":{\\"code\\":400}}"}]', []],
    ['another shape in a text', batch, '[{"body":"{\\"data\\":5}"}]', 'shape'],
    ['half a JSON in a text', batch, '[{"body":"{\\"data\\":["}]', 'truncated'],
    ['broken JSON in a text', batch, '[{"body":"{\\"data\\":[}}"}]', 'not_json'],
    ['no text where one holds JSON', batch, '[{"body":{"data":[]}}]', 'shape'],
    ['an empty object where a text holds JSON', batch, '[{"body":{ }}]', []],
    ['a bracket that does not fit there', batch, '[{"body":{]}]', 'shape'],
  ])('%s', (_, entry, body, expected) => {
    expect(found([entry], body)).toEqual(expected);
  });

  it('apply in their order', () => {
    const body = '[{"kind":"a"},{"kind":"b"},{}]';
    const entries = [
      { json: '$[*]', where: 'kind == "b"' },
      { json: '$[*]', where: 'kind is present' },
      { json: '$[*]' },
    ];
    expect(found(entries, body)).toEqual([1, 0, 2].map((rule) => ({ rule, id: null })));
  });

  it('are read from the start after a reset, for any previous input', () => {
    const bodies = ['[{"a":[{"', '[{"id":1}]', '{', '<', '[{"id":"2"}]', ''];
    expect(found([{ json: '$[*]', id: 'id' }], ...bodies)).toEqual([
      'truncated',
      items('1'),
      'truncated',
      'not_json',
      items('2'),
      'not_json',
    ]);
  });

  it('are found up to 1,024 levels deep', () => {
    const deep = (levels: number) => `${'['.repeat(levels - 1)}{"post":{}}${']'.repeat(levels - 1)}`;
    const entry = { json: '$..post' };
    expect(found([entry], deep(1000))).toEqual(items(null));
    expect(found([entry], deep(1030))).toBe('shape');
  });

  it('may be hundreds, with names beside each other', () => {
    const names = Array.from({ length: 300 }, (_, index) => `alias${index}`);
    const entries = names.map((name) => ({ json: `$.data.${name}[*]`, id: 'id' }));
    const body = JSON.stringify({ data: Object.fromEntries(names.map((name) => [name, [{ id: name }]])) });
    expect(found(entries, body)).toEqual(names.map((name, rule) => ({ ...hashedOne(name), rule })));
    expect(found(entries, '{"data":{"alias250":[],"x":1,"alias250":[]}}')).toBe('shape');
  });

  it.each<[Entry, string, string]>([
    [{ json: '$.data[' }, 'json', 'position 8'],
    [{ json: '$.a', inside: '$[1]' }, 'inside', 'only names'],
    [{ json: '$.a', where: 'x contains "y"' }, 'where', 'for feeds and XML'],
    [{ json: '$.a', where: 'x' }, 'where', 'not a test'],
    [{ json: '$.a', id: 'a[*]' }, 'id', 'use names'],
    [{ json: '$.a', sameOrigin: ['a', 'b[*]'] }, 'sameOrigin', 'use names'],
  ])('%o are refused with the hint', (entry, field, message) => {
    expect(found([{ json: '$' }, entry], '')).toMatchObject([
      { at: [1, field], message: expect.stringContaining(message) },
    ]);
  });

  it('are refused if one text is to be JSON and an id', () => {
    const entries = [
      { json: '$[*]', id: 'body' },
      { json: '$[*].body', inside: '$' },
    ];
    expect(found(entries, '')).toMatchObject([{ message: expect.stringContaining('remove one') }]);
  });
});

function hashedOne(id: string) {
  const list = hashed([{ rule: 0, id }]);
  if (list === 'shape') throw new Error(list);
  return list[0]!;
}
