import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PostSelector } from '../../../src/count/json/automaton/plan.ts';
import { planJson } from '../../../src/count/json/automaton/plan-json.ts';
import { JsonScanner } from '../../../src/count/json/scanner.ts';
import { PlainSkipper } from '../../../src/count/json/skip/skip.ts';
import { wasmSkipper } from '../../../src/count/json/skip/skip-wasm.ts';
import { anyCharacter } from '../../support/characters.ts';
import { draws } from '../../support/draws.ts';
import { anyPosts, selectorOf as rule } from '../rules.ts';
import { cut, cuts, json, ruleAndBody, selectors, writeJson } from './arbitraries.ts';
import { FoundItems, hashed } from './found-items.ts';
import { type Json, slowCount, slowItems } from './slow-count.ts';

const skippers = [
  { name: 'plain', skipper: new PlainSkipper() },
  { name: 'WebAssembly', skipper: wasmSkipper()! },
];

describe.each(skippers)('the JSON scanner with the $name skipper', ({ skipper }) => {
  function scan(chunks: readonly Uint8Array[], rules: readonly PostSelector[]): number | string {
    const found = anyPosts();
    const scanner = new JsonScanner(planJson(rules), skipper, found);
    for (const chunk of chunks) scanner.write(chunk);
    scanner.end();
    return scanner.failure ?? found.posts;
  }

  /** Each item that was found, with the hash of its id. */
  function itemsOf(chunks: readonly Uint8Array[], rules: readonly PostSelector[]): unknown {
    const found = new FoundItems();
    const scanner = new JsonScanner(planJson(rules), skipper, found);
    for (const chunk of chunks) scanner.write(chunk);
    scanner.end();
    return scanner.failure ?? found.items;
  }

  function scanText(text: string, ...rules: PostSelector[]): number | string {
    const bytes = Buffer.from(text);
    const whole = scan([bytes], rules);
    const singly = scan(
      [...bytes].map((byte) => Uint8Array.of(byte)),
      rules,
    );
    expect(singly).toBe(whole);
    return whole;
  }

  it('takes turns with others that have the same skipper, at any cut', () => {
    const part = fc.record({ body: ruleAndBody, at: cuts });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (parts, turns) => {
          const readers = parts.map(({ body: { rules, body }, at }) => {
            const bytes = Buffer.from(JSON.stringify(body));
            const pieces = at.length === 0 ? [...bytes].map((byte) => Uint8Array.of(byte)) : cut(bytes, at);
            const found = new FoundItems();
            const scanner = new JsonScanner(planJson(rules), skipper, found);
            return { pieces, found, scanner, alone: itemsOf([bytes], rules) };
          });
          for (
            let open = [...readers];
            open.length > 0;
            open = open.filter(({ pieces }) => pieces.length > 0)
          ) {
            const { pieces, scanner } = open[turns.next().value! % open.length]!;
            scanner.write(pieces.shift()!);
          }
          for (const { scanner, found, alone } of readers) {
            scanner.end();
            expect(scanner.failure ?? found.items).toEqual(alone);
          }
        },
      ),
      { numRuns: draws(60) },
    );
  });

  it.each<[string, string, string | undefined, string, number | string]>([
    ['a list under a name', '$.data[*]', undefined, '{"data":[{"id":1},{"id":2}],"meta":{"a":[1,2]}}', 2],
    ['a list at the top', '$[*]', undefined, ' [ {} , {} , {"a":[{}]} ] ', 3],
    ['an absent list', '$.data[*]', undefined, '{"meta":{"result_count":0}}', 0],
    ['a null list', '$.data[*]', undefined, '{"data":null}', 0],
    ['an empty list', '$.data[*]', undefined, '{"data":[ ]}', 0],
    ['PHP writes an empty object as a list', '$.data.children[*]', undefined, '{"data":[]}', 0],
    ['an empty string has no items', '$.data.replies[*]', undefined, '{"data":{"replies":""}}', 0],
    ['objects alone among the elements', '$[*]', undefined, '[1,"a",null,[],[{}],false,true,{},""]', 1],
    ['a list of ids', '$.data[*]', undefined, '{"data":[1,2,3]}', 0],
    ['a list in the middle', '$.t[*].posts[*]', undefined, '{"t":[{"posts":[{},{}]},{},{"posts":[{}]}]}', 3],
    ['a map of objects', '$.posts[*]', undefined, '{"posts":{"12":{"id":12},"13":{"id":13}}}', 2],
    ['an item is no map', '$.data[*]', undefined, '{"data":{"id":"1","text":"x"}}', 'shape'],
    ['a single object', '$.data', undefined, '{"data":{"id":"1"}}', 1],
    ['a single object that is null', '$.data', undefined, '{"data":null}', 0],
    ['the root as a single object', '$', undefined, '{"id":1}', 1],
    ['a list where one was promised', '$.data', undefined, '{"data":[{"id":"1"}]}', 'shape'],
    ['a number where a list was promised', '$.data[*]', undefined, '{"data":5}', 'shape'],
    ['a text where a list was promised', '$.data[*]', undefined, '{"data":"gone"}', 'shape'],
    ['the list twice', '$.data[*]', undefined, '{"data":[{}],"data":[{}]}', 'shape'],
    ['a test', '$[*]', 'kind == "t3"', '[{"kind":"t3"},{"kind":"t1"},{"id":1},7]', 1],
    ['an escaped name and value', '$[*]', 'kind == "t3"', '[{"k\\u0069nd":"\\u00743"}]', 1],
    ['a test after other members', '$[*]', 'kind == "t3"', '[{"a":{"kind":"t1"},"kind":"t3","b":[{}]}]', 1],
    ['a test on a nested member', '$[*]', 'data.kind == "t3"', '[{"data":{"kind":"t3"}},{"data":"t3"}]', 1],
    ['one of', '$[*]', 'type in ["post","reply"]', '[{"type":"post"},{"type":"x"},{"type":"reply"}]', 2],
    ['unequal, where it is there', '$[*]', 'n != 1', '[{"n":1},{"n":1.0},{"n":2},{},{"n":{}},{"n":"1"}]', 3],
    ['numbers by value', '$[*]', 'n == 100', '[{"n":1e2},{"n":100.0},{"n":10}]', 2],
    ['the first of two members under test', '$[*]', 'k == 1', '[{"k":1,"k":2},{"k":2,"k":1}]', 1],
    ['a byte order mark', '$[*]', undefined, '\ufeff[{}]', 1],
    ['brackets in strings', '$[*]', undefined, '[{"a":"]}\\"]"},{"a":"\\\\"}]', 2],
    ['no JSON', '$[*]', undefined, '<html>', 'not_json'],
    ['nothing', '$[*]', undefined, '', 'not_json'],
    ['a bracket that does not match', '$[*]', undefined, '[{"a":[}]}]', 'not_json'],
    ['bytes after the end', '$[*]', undefined, '[1] [2]', 'not_json'],
    ['two lines', '$.id', undefined, '{"id":{}}\n{"id":{}}', 'not_json'],
    ['a comma too many', '$[*]', undefined, '[1,]', 'not_json'],
    ['a comma too few', '$[*]', undefined, '[{} {}]', 'not_json'],
    ['a name without quotes', '$.data[*]', undefined, '{data:[]}', 'not_json'],
    ['a word that is none', '$[*]', undefined, '[nul]', 'not_json'],
    ['an unknown escape in a name', '$.data[*]', undefined, '{"\\x":1}', 'not_json'],
    ['a cut list', '$[*]', undefined, '[{},{}', 'truncated'],
    ['a cut string', '$[*]', undefined, '[{"a":"', 'truncated'],
  ])('%s: %s if %s', (_, path, where, body, expected) => {
    expect(scanText(body, rule(path, where))).toBe(expected);
  });

  it('counts strings, numbers, booleans and lists if the selector says so', () => {
    const scalars = { ...rule('$.data[*]'), scalars: true };
    expect(scanText('{"data":[1,"a",null,[],[{}],false,{},""]}', scalars)).toBe(7);
    expect(scanText('{"data":"a"}', scalars)).toBe('shape');
  });

  it('refuses UTF-16 and UTF-32', () => {
    for (const start of [
      [0xff, 0xfe],
      [0xfe, 0xff],
      [0, 0x5b],
    ]) {
      expect(scan([Uint8Array.from(start)], [rule('$[*]')])).toBe('encoding');
    }
  });

  it('counts a value that several paths select once, and posts inside posts as posts', () => {
    expect(scanText('{"data":[{"q":{}},{"q":null},{}]}', rule('$.data[*]'), rule("$['data'][*]"))).toBe(3);
    expect(scanText('{"data":[{"q":{}},{"q":null},{}]}', rule('$.data[*]'), rule('$.data[*].q'))).toBe(4);
    expect(scanText('{"data":{"id":1}}', rule('$.data[*]'), rule('$.data'))).toBe(1);
    expect(scanText('{"data":[{"id":1},{"id":2}]}', rule('$.data[*]'), rule('$.data'))).toBe(2);
  });

  it('refuses an object if a string of JSON is expected, regardless of its contents', () => {
    const inside = { path: [{ kind: 'name', name: 'kind' }], inside: [], rule: 0 } as const;
    expect(scanText('{"kind":{"data":"t3"}}', rule('$', 'kind.data is present'), inside)).toBe('shape');
    expect(scanText('{"kind":{}}', rule('$', 'kind.data is present'), inside)).toBe(0);
  });

  it('equals the slow count for random bodies, rules and cuts', () => {
    fc.assert(
      fc.property(ruleAndBody, cuts, fc.nat(7), ({ rules, body }, at, escapeEvery) => {
        const text = writeJson(body, escapeEvery);
        const chunks = cut(Buffer.from(text), at);
        expect(scan(chunks, rules)).toBe(slowCount(JSON.parse(text) as Json, rules));
        expect(itemsOf(chunks, rules)).toEqual(hashed(slowItems(JSON.parse(text) as Json, rules)));
      }),
      { numRuns: draws(250) },
    );
  });

  it('equals the slow count byte by byte', () => {
    fc.assert(
      fc.property(json, selectors, fc.nat(7), (body, rules, escapeEvery) => {
        const text = writeJson(body, escapeEvery);
        const chunks = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
        expect(scan(chunks, rules)).toBe(slowCount(JSON.parse(text) as Json, rules));
        expect(itemsOf(chunks, rules)).toEqual(hashed(slowItems(JSON.parse(text) as Json, rules)));
      }),
      { numRuns: draws(150) },
    );
  });

  it('has counted after any prefix exactly the items that are whole in it', () => {
    const items = fc.array(fc.oneof(fc.dictionary(fc.string(), json), fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(items, (list) => {
        const found = anyPosts();
        const scanner = new JsonScanner(planJson([rule('$.data[*]')]), skipper, found);
        let length = Buffer.byteLength('{"data":[');
        const ends = list.flatMap((item, i) => {
          length += Buffer.byteLength(JSON.stringify(item)) + (i === 0 ? 0 : 1);
          return typeof item === 'string' ? [] : [length];
        });
        const seen: number[] = [];
        for (const byte of Buffer.from(JSON.stringify({ data: list, includes: { data: list } }))) {
          scanner.write(Uint8Array.of(byte));
          seen.push(found.posts);
        }
        expect(seen).toEqual(seen.map((_, i) => ends.filter((end) => end <= i + 1).length));
      }),
      { numRuns: draws(60) },
    );
  });

  it('never throws on random bytes', () => {
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('{}[]":,\\ udata01tfn')), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 })),
        fc.array(byte),
        selectors,
        (chunks, bytes, rules) => {
          scan(chunks, rules);
          scan([Uint8Array.from(bytes)], rules);
        },
      ),
      { numRuns: draws(400) },
    );
  });

  it('counts beside 100,000 levels, and refuses 100,000 levels that are never closed', () => {
    const deep = `${'{"a":['.repeat(50_000)}1${']}'.repeat(50_000)}`;
    expect(scan([Buffer.from(`{"data":[${deep},${deep}]}`)], [rule('$.data[*]')])).toBe(2);
    expect(scan(cut(Buffer.from(`{"data":[${deep},{}]}`), [0.1, 0.3, 0.6]), [rule('$.data[*]')])).toBe(2);
    expect(scan([Buffer.from('['.repeat(100_000))], [rule('$[*]')])).toBe('truncated');
  });

  it('reads names and numbers of any length in bounded memory', () => {
    const long = 'x'.repeat(1_000_000);
    expect(
      scanText(
        `{"${long.slice(0, 5000)}":[1],"data":[{"kind":"${long.slice(0, 9000)}"},{"kind":"t3"}]}`,
        rule('$.data[*]', 'kind == "t3"'),
      ),
    ).toBe(1);
    expect(scan(cut(Buffer.from(`[${'9'.repeat(1_000_000)},{}]`), [0.5]), [rule('$[*]')])).toBe(1);
  });

  it('counts the items of a list wherever in a block of 64 bytes the next one begins', () => {
    for (let length = 0; length < 130; length++) {
      const item = `{"a":"${'x'.repeat(length)}"}`;
      expect(scanText(`{"data":[${item},${item},{},${item}],"more":[{},{}]}`, rule('$.data[*]'))).toBe(4);
      expect(scanText(`[${item},${item}, ${item} ,[${item},${item}],${item}]`, rule('$[*]'))).toBe(4);
      expect(scanText(`[${item},${item}},${item}]`, rule('$[*]'))).toBe('not_json');
    }
  });

  it('passes 128 MB without holding it', () => {
    const item = `{"id":1,"text":"${'lorem ipsum \\" '.repeat(4000)}"},`;
    const chunk = Buffer.from(item);
    const found = anyPosts();
    const scanner = new JsonScanner(planJson([rule('$.data[*]')]), skipper, found);
    const before = process.memoryUsage();
    scanner.write(Buffer.from('{"data":['));
    const times = Math.ceil((128 * 1024 * 1024) / chunk.length);
    for (let i = 0; i < times; i++) scanner.write(chunk);
    scanner.write(Buffer.from('{}]}'));
    scanner.end();
    const after = process.memoryUsage();
    expect(scanner.failure).toBeUndefined();
    expect(found.posts).toBe(times + 1);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * 1024 * 1024);
  });
});

it('answers the same on any bytes, plain or in WebAssembly, however they are cut', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      ' ',
      '\\"',
      '"data":',
      '"a"',
      '{}',
      '[{"data":[',
    ),
    fc.string({ unit: anyCharacter, maxLength: 3 }),
    fc.constantFrom('"d\\u0061ta":', '"\\u0064ata"', '"dat\\u00', '\\x', '"data" :{"data":'),
    fc.constantFrom(...[31, 32, 33, 63, 64, 65, 200].map((length) => `"${'x'.repeat(length)}"`)),
  );
  const start = fc.constantFrom('', '[', '{"data":[', '[{"data":[{"a":"');
  const someRules = fc.constantFrom(
    [rule('$[*]')],
    [rule('$.data[*]'), rule('$[*]')],
    [rule('$[*].data[*]', 'a == "x"')],
    [rule('$.data[*]', 'data != 1')],
    [rule('$[*]', 'data is absent'), rule('$[*].data')],
    [rule('$..data'), rule('$.data[*]', 'a.data == "x"')],
    [rule('$..data[*]')],
  );
  fc.assert(
    fc.property(start, fc.array(part, { maxLength: 60 }), someRules, cuts, (head, parts, rules, at) => {
      const bytes = Buffer.from(head + parts.join(''));
      const pieces = [[bytes], cut(bytes, at), [...bytes].map((byte) => Uint8Array.of(byte))];
      const answers = skippers.flatMap(({ skipper }) =>
        pieces.map((chunks) => {
          const found = anyPosts();
          const scanner = new JsonScanner(planJson(rules), skipper, found);
          for (const chunk of chunks) scanner.write(chunk);
          const { failure } = scanner;
          const { posts } = found;
          scanner.end();
          return { posts, failure, end: scanner.failure };
        }),
      );
      expect(answers).toEqual(answers.map(() => answers[0]));
    }),
    { numRuns: draws(300) },
  );
});
