import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { socketioCounter } from '../../../src/count/socketio/counter.ts';
import { cuts, piecesOf } from '../stream/arbitraries.ts';
import { countPieces, countText, type MakeFormat, startCounting } from '../stream/counting.ts';

const messages: MakeFormat = (plan, found) => socketioCounter(plan, found, true);
const polling: MakeFormat = (plan, found) => socketioCounter(plan, found, false);

const POSTS = '{"posts":[{"pid":1},{"pid":2,"content":"a \\"]}, 🙂"}]}';

/** Packets with the posts that `$.posts[*]` finds in them. */
const PACKETS: ReadonlyArray<readonly [what: string, packet: string, posts: number]> = [
  ['a handshake', '0{"sid":"a","upgrades":["websocket"],"pingInterval":25000}', 0],
  ['a close', '1', 0],
  ['a ping', '2', 0],
  ['a ping with text', '2probe', 0],
  ['a pong', '3probe', 0],
  ['an upgrade', '5', 0],
  ['a sign of life', '6', 0],
  ['a connection to the namespace', '40{"sid":"a"}', 0],
  ['a disconnection', '41', 0],
  ['an event', `42["event:new_post",${POSTS}]`, 2],
  ['an event of a namespace', `42/forum,["event:new_post",${POSTS}]`, 2],
  ['an event that wants an acknowledgement', `4217[ "a" , ${POSTS} ]`, 2],
  ['two arguments with posts', `42["a",${POSTS},${POSTS}]`, 4],
  ['an acknowledgement', `430[null,${POSTS}]`, 2],
  ['an acknowledgement of a namespace', `43/forum,12[null,${POSTS}]`, 2],
  ['an event with attachments', `452-["a",{"_placeholder":true,"num":0},${POSTS}]`, 2],
  ['an acknowledgement with attachments', `461-/forum,3[${POSTS},{"_placeholder":true,"num":0}]`, 2],
  ['an event without arguments', '42["a"]', 0],
  ['an error', '44{"message":"not authorized","data":{"posts":[{}]}}', 0],
  ['texts, numbers and words as arguments', '42["{a","b}",5,null,true,[]]', 0],
  ['binary in base64', 'bAQIDBA==', 0],
  ['a message without events', `4${POSTS}`, 2],
  ['a plain text', '4hello', 0],
];

describe('packets of socket.io over a WebSocket', () => {
  it.each(PACKETS)('%s', (_, packet, posts) => {
    expect(countPieces(messages, '$.posts[*]', [packet])).toEqual({ posts, uncounted: undefined });
  });

  it.each([
    ['an event that is cut', `42["a",${POSTS}`, 'truncated'],
    ['an argument of another shape', '42["a",{"posts":5}]', 'shape'],
    ['an argument that is not JSON', '42["a",{posts}]', 'not_json'],
  ])('%s is uncounted, and the next one counts', (_, packet, uncounted) => {
    expect(countPieces(messages, '$.posts[*]', [packet, `42["a",${POSTS}]`])).toEqual({
      posts: 2,
      uncounted,
    });
  });

  it('reads JSON in a text if the route says so', () => {
    const packet = `42["a",${JSON.stringify(POSTS)}]`;
    expect(countPieces(messages, '$', [packet], { inside: '$.posts[*]' }).posts).toBe(2);
    expect(countPieces(messages, '$.posts[*]', [packet])).toEqual({ posts: 0, uncounted: undefined });
  });

  it('count each when it has come', () => {
    const stream = startCounting(messages, '$.posts[*]');
    expect(stream.after(`42["a",${POSTS}]`)).toBe(2);
    expect(stream.finish(false)).toEqual({ posts: 2 });
  });
});

/** A payload of each version of the protocol. */
const PAYLOADS: ReadonlyArray<readonly [string, (packets: readonly string[]) => Buffer]> = [
  ['version 4', (packets) => Buffer.from(packets.join('\x1e'))],
  ['versions 2 and 3', (packets) => Buffer.from(packets.map((one) => `${one.length}:${one}`).join(''))],
  [
    'versions 2 and 3 with binary packets',
    (packets) =>
      Buffer.concat(
        packets.flatMap((packet) => {
          const text = Buffer.from(packet);
          const digits = [...String(text.length)].map(Number);
          return [Buffer.from([0, ...digits, 255]), text, Buffer.from([1, 3, 255, 4, 0x1e, 0x7b])];
        }),
      ),
  ],
];

describe.each(PAYLOADS)('a payload of Engine.IO %s', (_version, payloadOf) => {
  it('counts what its packets count, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PACKETS), { minLength: 1, maxLength: 8 }),
        cuts,
        (packets, at) => {
          const payload = payloadOf(packets.map(([, packet]) => packet));
          const counted = countPieces(polling, '$.posts[*]', piecesOf(payload, at));
          const posts = packets.reduce((sum, [, , found]) => sum + found, 0);
          expect(counted).toEqual({ posts, uncounted: undefined });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that is cut by its upstream is uncounted in its last packet', () => {
    const payload = payloadOf([`42["a",${POSTS}]`, `42["b",${POSTS}]`]);
    const end = payload.lastIndexOf('}]}');
    const counted = countPieces(polling, '$.posts[*]', [payload.subarray(0, end)]);
    expect(counted).toEqual({ posts: 2, uncounted: 'truncated' });
  });
});

describe('an answer of polling', () => {
  it.each([
    ['to a packet that was posted', 'ok', 0, undefined],
    ['with an error', '{"code":1,"message":"Session ID unknown"}', 0, undefined],
    ['without a packet', '', 0, undefined],
    ['whose length is wrong', '2:42["a"]', 0, 'frame'],
    ['whose length is too long', '20:42["a"]', 0, 'truncated'],
  ])('%s', (_, body, posts, uncounted) => {
    expect(countText(polling, '$.posts[*]', body)).toEqual({ posts, uncounted });
  });

  it.each([messages, polling])('of random bytes never throws', (make) => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(fc.constantFrom(...Buffer.from('\0\x01\xff\x1e0123456789:b{}[]",/-\\a', 'latin1')))
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(fc.array(bytes), fc.boolean(), (pieces, isWhole) => {
        expect(countPieces(make, '$', pieces, { isWhole }).posts).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
