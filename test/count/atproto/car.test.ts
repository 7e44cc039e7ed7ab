import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteByByte, countCar, cutAt, planOf } from './counting.ts';
import {
  type Block,
  blockOf,
  carOf,
  joined,
  LIKE,
  like,
  POST,
  post,
  rawBlock,
  sectionOf,
} from './repository.ts';

const RAW = 0x55;
const DAG_CBOR = 0x71;
const node = blockOf({ l: null, e: [{ p: 0, k: encode(POST), v: post('a').cid }] });

const BODIES: ReadonlyArray<readonly [string, Uint8Array, number]> = [
  ['posts among likes and nodes', carOf([node, post('a'), like('b'), post('c')]), 2],
  ['no post', carOf([node, like('b')]), 0],
  ['no block', carOf([]), 0],
  ['the same block twice: one post', carOf([post('a'), post('b'), post('a')]), 2],
  ['a large post', carOf([post('x'.repeat(1_000_000)), post('b')]), 2],
  ['a record inside another', carOf([blockOf({ inside: { $type: POST } }), blockOf([{ $type: POST }])]), 0],
  ['raw bytes that look like a post', carOf([rawBlock(encode({ $type: POST }), RAW)]), 0],
];

describe('CarCounter', () => {
  it.each(BODIES)('%s', (_what, car, posts) => {
    expect(countCar([car])).toMatchObject({ posts, failure: undefined, flaw: undefined, ids: posts });
  });

  it('reports the first selector that matches a post', () => {
    const plan = planOf([{ record: POST, where: 'reply != null' }, { record: LIKE }, { record: POST }]);
    const car = carOf([post('a', { reply: { root: 'x' } }), post('b'), like('c'), post('d')]);
    expect(countCar([car], plan).bySelector).toEqual([1, 1, 2]);
  });

  const whole = carOf([post('a'), post('b')]);
  it.each([
    ['nothing', new Uint8Array(), 'truncated'],
    ['a header cut short', whole.subarray(0, 10), 'truncated'],
    ['a block cut short', whole.subarray(0, -1), 'truncated'],
    ['a length cut short', joined([whole, Uint8Array.of(0x80)]), 'truncated'],
    ['a block without length', joined([whole, Uint8Array.of(0)]), 'frame'],
    ['a length without end', joined([whole, new Uint8Array(9).fill(0xff)]), 'frame'],
    ['a block over the bound', joined([whole, Uint8Array.of(0x80, 0x80, 0x80, 0x02)]), 'too_large'],
    ['a section without CID', joined([whole, sectionOf(Uint8Array.of(1, 2, 3))]), 'frame'],
    ['JSON', Buffer.from('{"data":[]}'.repeat(20)), 'frame'],
    ['another version', carOf([post('a')], { version: 2, roots: [] }), 'frame'],
    ['a header without roots', carOf([post('a')], { version: 1 }), 'frame'],
  ])('%s cannot be read', (_what, body, failure) => {
    for (const chunks of [[body], byteByByte(body)]) expect(countCar(chunks).failure).toBe(failure);
  });

  it.each([
    ['no DAG-CBOR', Uint8Array.of(0xff)],
    ['bytes behind its value', joined([encode({ $type: POST }), Uint8Array.of(0)])],
    ['a member twice', Uint8Array.from([0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2])],
    ['lists without end', new Uint8Array(1_000_000).fill(0x81)],
  ])('leaves out a block of %s, and counts the others', (_what, bytes) => {
    const car = carOf([post('a'), rawBlock(bytes, DAG_CBOR), post('b')]);
    expect(countCar([car])).toMatchObject({ posts: 2, failure: undefined, flaw: 'frame' });
  });

  it('if it is aborted, counts the blocks whose last byte came', () => {
    const ends = [1, 2, 3].map(
      (blocks) => carOf(['a', 'b', 'c'].slice(0, blocks).map((text) => post(text))).length,
    );
    const car = carOf([post('a'), post('b'), post('c')]);
    for (let bytes = 0; bytes <= car.length; bytes++) {
      const { posts, failure } = countCar([car.subarray(0, bytes)], planOf(), true);
      expect([posts, failure]).toEqual([ends.filter((end) => end <= bytes).length, undefined]);
    }
  });

  const value = fc.oneof(fc.integer(), fc.string(), fc.uint8Array(), fc.constant(null));
  const anyBlock: fc.Arbitrary<{ block: Block; isPost: boolean }> = fc.oneof(
    fc.tuple(fc.string(), fc.string()).map(([text, via]) => ({ block: post(text, { via }), isPost: true })),
    fc.string().map((text) => ({ block: like(text), isPost: false })),
    fc.dictionary(fc.string(), value).map((map) => ({ block: blockOf(map), isPost: false })),
    fc.uint8Array().map((bytes) => ({ block: rawBlock(bytes, RAW), isPost: false })),
  );

  it('counts the posts that went in, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyBlock, { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (all, places) => {
          const car = carOf(all.map(({ block }) => block));
          const posts = new Set(all.filter(({ isPost }) => isPost).map(({ block }) => block.cid.toString()))
            .size;
          const expected = { posts, failure: undefined, flaw: undefined };
          expect(countCar(cutAt(car, places))).toMatchObject(expected);
          expect(countCar(byteByByte(car))).toMatchObject(expected);
        },
      ),
    );
  });

  it('never crashes on random bytes, as the whole body and within one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(), fc.nat(), (noise, at, places) => {
        countCar(cutAt(noise, [places]));
        const car = carOf([post('a'), like('b'), post('c')]);
        const from = at % car.length;
        const { posts } = countCar([joined([car.subarray(0, from), noise, car.subarray(from)])]);
        expect(posts).toBeLessThanOrEqual(2 + noise.length);
      }),
    );
  });
});
