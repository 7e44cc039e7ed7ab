import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMessages, planOf } from './counting.ts';
import {
  carOf,
  commitOf,
  create,
  joined,
  LIKE,
  like,
  messageOf,
  type Op,
  POST,
  post,
  rawBlock,
} from './repository.ts';

const a = post('a');
const b = post('b', { reply: { root: 'x' } });
const c = like('c');
const COMMIT = { op: 1, t: '#commit' };

const SOUND: ReadonlyArray<readonly [string, Uint8Array, number]> = [
  ['a created post', commitOf([create(`${POST}/1`, a)], [a]), 1],
  ['an edited post', commitOf([{ action: 'update', path: `${POST}/1`, cid: a.cid }], [a]), 1],
  ['a deleted post', commitOf([{ action: 'delete', path: `${POST}/1`, cid: null }], []), 0],
  [
    'posts and a like',
    commitOf([create(`${POST}/1`, a), create(`${LIKE}/2`, c), create(`${POST}/3`, b)], [b, c, a]),
    2,
  ],
  ['two posts of one text', commitOf([create(`${POST}/1`, a), create(`${POST}/2`, a)], [a]), 2],
  [
    'a post whose block did not come along',
    commitOf([create(`${POST}/1`, a), create(`${POST}/2`, b)], [b]),
    1,
  ],
  ['a block that no operation names', commitOf([create(`${POST}/1`, a)], [a, b]), 1],
  ['a path of another type', commitOf([create(`${LIKE}/1`, a), create(`${POST}x/1`, a)], [a]), 0],
  ['a path of the type, a block of another', commitOf([create(`${POST}/1`, c)], [c]), 0],
  ['an operation of an unknown kind', commitOf([{ action: 'read', path: `${POST}/1`, cid: a.cid }], [a]), 0],
  ['an identity', messageOf({ op: 1, t: '#identity' }, { did: 'did:plc:one', seq: 1 }), 0],
  ['an account', messageOf({ op: 1, t: '#account' }, { did: 'did:plc:one', active: true }), 0],
  ['a sync', messageOf({ op: 1, t: '#sync' }, { did: 'did:plc:one', blocks: carOf([a]) }), 0],
  ['an info', messageOf({ op: 1, t: '#info' }, { name: 'OutdatedCursor' }), 0],
  ['a type of tomorrow', messageOf({ op: 1, t: '#tomorrow' }, { ops: [] }), 0],
  ['an error', messageOf({ op: -1 }, { error: 'FutureCursor' }), 0],
];

const FAULTY: ReadonlyArray<readonly [string, Uint8Array]> = [
  ['nothing', new Uint8Array()],
  ['a header alone', encode(COMMIT)],
  ['something behind the body', joined([commitOf([], []), Uint8Array.of(0)])],
  ['text', Buffer.from('{"op":1}')],
  ['no operation', messageOf({ t: '#commit' }, {})],
  ['an unknown operation', messageOf({ op: 2, t: '#commit' }, {})],
  ['no type', messageOf({ op: 1 }, {})],
  ['a body that is no map', messageOf(COMMIT, [])],
  ['a commit without repository', messageOf(COMMIT, { ops: [], blocks: new Uint8Array() })],
  ['a commit without operations', messageOf(COMMIT, { repo: 'did:plc:one', blocks: new Uint8Array() })],
  ['a commit without blocks', messageOf(COMMIT, { repo: 'did:plc:one', ops: [] })],
  ['blocks that are no CAR', commitWith([create(`${POST}/1`, a)], Uint8Array.of(1, 2, 3))],
  ['blocks that are cut', commitWith([create(`${POST}/1`, a)], carOf([a, b]).subarray(0, -1))],
  ['a post that is no DAG-CBOR', commitOf([create(`${POST}/1`, bad())], [bad()])],
];

function bad() {
  return rawBlock(Uint8Array.of(0xff), 0x71);
}

function commitWith(ops: readonly Op[], blocks: Uint8Array): Uint8Array {
  return messageOf(COMMIT, { repo: 'did:plc:one', ops, blocks });
}

describe('FirehoseCounter', () => {
  it.each(SOUND)('%s', (_what, message, posts) => {
    expect(countMessages([message])).toMatchObject({
      posts,
      failure: undefined,
      flaw: undefined,
      ids: posts,
    });
  });

  it.each(FAULTY)('%s: left out, the others count', (_what, message) => {
    const good = commitOf([create(`${POST}/1`, a)], [a]);
    const again = commitOf([create(`${POST}/2`, b)], [b]);
    expect(countMessages([good, message, again])).toMatchObject({
      posts: 2,
      failure: undefined,
      flaw: 'frame',
    });
  });

  it('distinguishes the posts of repositories, and counts a repeated post once', () => {
    const message = commitOf([create(`${POST}/1`, a)], [a]);
    const other = commitOf([create(`${POST}/1`, a)], [a], 'did:plc:two');
    expect(countMessages([message, other, message])).toMatchObject({ posts: 3, ids: 2 });
  });

  it('reports which selector found a post', () => {
    const plan = planOf([{ record: POST, where: 'reply != null' }, { record: POST }, { record: LIKE }]);
    const ops = [create(`${POST}/1`, a), create(`${POST}/2`, b), create(`${LIKE}/3`, c)];
    expect(countMessages([commitOf(ops, [a, b, c])], plan).bySelector).toEqual([1, 1, 1]);
  });

  const action = fc.constantFrom('create', 'update', 'delete');
  const collection = fc.constantFrom(POST, LIKE, 'app.bsky.graph.follow');
  const anyOp = fc.record({ action, collection, key: fc.nat(20), text: fc.string(), comes: fc.boolean() });

  it('counts by the operations', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyOp, { maxLength: 8 }), { maxLength: 8 }), (commits) => {
        let posts = 0;
        const messages = commits.map((ops) => {
          const records = ops.map(({ collection: type, text }) => (type === POST ? post(text) : like(text)));
          const blocks = records.filter((_, i) => ops[i]!.comes && ops[i]!.action !== 'delete');
          const there = new Set(blocks.map(({ cid }) => cid.toString()));
          ops.forEach(({ action: did, collection: type }, i) => {
            if (did !== 'delete' && type === POST && there.has(records[i]!.cid.toString())) posts++;
          });
          return commitOf(
            ops.map(({ action: did, collection: type, key }, i) => ({
              action: did,
              path: `${type}/${key}`,
              cid: did === 'delete' ? null : records[i]!.cid,
            })),
            blocks,
          );
        });
        expect(countMessages(messages)).toMatchObject({ posts, flaw: undefined });
      }),
    );
  });

  it('never crashes on random bytes, as the whole body and within one', () => {
    const message = commitOf([create(`${POST}/1`, a), create(`${POST}/2`, b)], [a, b]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(), fc.nat(255), (noise, at, byte) => {
        countMessages([noise]);
        const changed = Uint8Array.from(message);
        changed[at % changed.length] = byte;
        const from = at % message.length;
        const split = joined([message.subarray(0, from), noise, message.subarray(from)]);
        expect(countMessages([changed, split]).posts).toBeLessThanOrEqual(4);
      }),
    );
  });
});
