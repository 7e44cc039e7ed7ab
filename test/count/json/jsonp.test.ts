import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoisyJsonCounter } from '../../../src/count/json/skip/noise.ts';
import { cuts, jsonText, piecesOf } from '../stream/arbitraries.ts';
import { countPieces, countText, type MakeFormat, slowPosts } from '../stream/counting.ts';

const jsonp: MakeFormat = (plan, found) => new NoisyJsonCounter(plan, found);
const whole = { isStream: false };

describe('JSONP', () => {
  it.each<[string, number, string | undefined]>([
    ['cb({"posts":[{},{}]})', 2, undefined],
    ['/**/cb({"posts":[{},{}]});', 2, undefined],
    ['/**/ jQuery.cbs["x_1"]( {"posts":[{}]} ) ;\r\n', 1, undefined],
    ['\ufeff /* O_o */\nwindow.parent.$cb(\n{"posts":[{}]}\n);', 1, undefined],
    ['/**/ typeof cb === \'function\' && cb({"posts":[{},{},{}]});', 3, undefined],
    ['cb({"posts":[{"a":"a)"},{"a":"b);"},{"a":"\\")"}]});', 3, undefined],
    ['cb([]);', 0, undefined],
    ['cb(null)', 0, undefined],
    ['cb(17)', 0, 'shape'],
    ['{"posts":[{}]}', 1, undefined],
    ['\ufeff\n{"posts":[{}]}', 1, undefined],
    ['[1]', 0, 'shape'],
    ['cb()', 0, 'not_json'],
    ['cb', 0, 'not_json'],
    ['', 0, 'not_json'],
    ['<html>gone</html>', 0, 'not_json'],
    ['cb({"posts":[{}]}); alert(1)', 1, undefined],
    ['<br />\n<b>Warning</b>: a() <br />\n/**/cb([{"a":1}], {"posts":[{}]});', 1, undefined],
    ['<br />\n<b>Warning</b>: a() [0]<br />\n/**/cb({"posts":[{}]});\n<!-- cached -->', 1, undefined],
    ['cb({"posts":[{}]},2)', 0, 'not_json'],
    ['cb({"posts":[{}]}', 1, undefined],
    ['cb({"posts":[1)', 0, 'truncated'],
    ['cb({"posts":["a)"', 0, 'truncated'],
  ])('%s', (body, posts, uncounted) => {
    expect(countText(jsonp, '$.posts[*]', body, whole)).toEqual({ posts, uncounted });
  });

  it('is not recognised with a name longer than noise may be', () => {
    const body = Buffer.from(`${'c'.repeat(65_537)}({"posts":[{}]})`);
    for (const pieces of [[body], [body.subarray(0, 65_537), body.subarray(65_537)]])
      expect(countPieces(jsonp, '$.posts[*]', pieces, whole)).toEqual({ posts: 0, uncounted: 'not_json' });
  });

  it('aborted, the posts that are whole count', () => {
    const cut = { isWhole: false, isStream: false };
    expect(countText(jsonp, '$.posts[*]', 'cb({"posts":[{"id":1},{"id":2},{"id', cut)).toEqual({ posts: 2 });
  });

  it('equals JSON.parse of what is in the parentheses, wherever it is cut', () => {
    const before = fc.constantFrom('cb(', '/**/cb(', 'a.b[0].c (', '/* x */ f( ');
    const after = fc.constantFrom(')', ');', ' ) ;\n');
    fc.assert(
      fc.property(before, jsonText, after, cuts, (start, json, end, at) => {
        const pieces = piecesOf(Buffer.from(start + json + end), at);
        const { posts, uncounted } = countPieces(jsonp, '$.posts[*]', pieces, whole);
        const expected = slowPosts(json);
        // Text that is not JSON may contain a valid list. The text around it is then noise.
        if (expected !== undefined)
          expect({ posts, uncounted }).toEqual({ posts: expected, uncounted: undefined });
      }),
      { numRuns: 500 },
    );
  });

  it('random bytes never throw', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(...Buffer.from('/*cb(){}[]"; ,1'))).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(fc.array(bytes), (pieces) => {
        expect(countPieces(jsonp, '$', pieces, whole).posts).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
