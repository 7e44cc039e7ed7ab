/** Streams whose frames are lines, record-separated texts or messages. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonSeqCounter } from '../../../src/count/stream/json-seq.ts';
import { messagesCounter } from '../../../src/count/stream/messages.ts';
import { ndjsonCounter } from '../../../src/count/stream/ndjson.ts';
import { heldBytes } from '../held-memory.ts';
import { cuts, jsonText, piecesOf } from './arbitraries.ts';
import { countPieces, countText, type MakeFormat, slowPosts, startCounting } from './counting.ts';

const ndjson: MakeFormat = ndjsonCounter;
const jsonSeq: MakeFormat = (plan, found) => new JsonSeqCounter(plan, found);
const messages: MakeFormat = messagesCounter;

type Row = [string, string, number, string | undefined];

describe('lines of JSON', () => {
  it.each<Row>([
    ['a post a line', '{"id":1}\n{"id":2}\n', 2, undefined],
    ['no line feed at the end', '{"id":1}\n{"id":2}', 2, undefined],
    ['CRLF, and blank lines as signs of life', '\r\n{"id":1}\r\n \r\n\n{"id":2}\r\n\r\n', 2, undefined],
    ['a byte order mark', '\ufeff{"id":1}\n', 1, undefined],
    ['nothing at all', '', 0, undefined],
    ['a faulty line between sound ones', '{"id":1}\n{"id":\n{"id":3}\n', 2, 'truncated'],
    ['a line of no JSON', 'hello\n{"id":1}\n', 1, 'not_json'],
    ['the first fault is reported', '<\n{"id":1\n{"id":2}\n', 1, 'not_json'],
    ['two texts in a line', '{"id":1} {"id":2}\n{"id":3}\n', 1, 'not_json'],
    ['a list in a line', '[{"id":1}]\n{"id":2}\n', 1, 'shape'],
    ['cut in the last line', '{"id":1}\n{"id":2', 1, 'truncated'],
  ])('%s', (_, body, posts, uncounted) => {
    expect(countText(ndjson, '$', body)).toEqual({ posts, uncounted });
  });

  it('a line that an abort cuts is neither counted nor a fault, even if its JSON is whole', () => {
    expect(countText(ndjson, '$', '{"id":1}\n{"id":2', { isWhole: false })).toEqual({ posts: 1 });
    expect(countText(ndjson, '$', '{"id":1}\n{"id":2}', { isWhole: false })).toEqual({ posts: 1 });
  });

  it('a line counts as soon as its line feed is there', () => {
    const stream = startCounting(ndjson, '$');
    expect(stream.after('{"id":1}\n{"id"')).toBe(1);
    expect(stream.after(':2}')).toBe(1);
    expect(stream.after('\n')).toBe(2);
  });

  it('an endless line needs no memory', () => {
    const stream = startCounting(ndjson, '$');
    const piece = Buffer.alloc(65_536, 'x');
    stream.write('{"text":"');
    const before = heldBytes();
    for (let i = 0; i < 512; i++) stream.write(piece);
    expect(heldBytes() - before).toBeLessThan(64 * piece.length);
    expect(stream.after('"}\n')).toBe(1);
  }, 20_000);

  it('equals splitting by lines and JSON.parse, wherever it is cut', () => {
    const ends = fc.constantFrom('\n', '\r\n', '\n\n', ' \n \r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(jsonText, ends)), fc.boolean(), cuts, (lines, closes, at) => {
        const text = lines.map(([line, end]) => line + end).join('');
        const body = Buffer.from(closes ? text : text.trimEnd());
        const found = lines.map(([line]) => slowPosts(line));
        const { posts, uncounted } = countPieces(ndjson, '$.posts[*]', piecesOf(body, at));
        expect(posts).toBe(found.reduce<number>((sum, one) => sum + (one ?? 0), 0));
        expect(uncounted !== undefined).toBe(found.includes(undefined));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a JSON text sequence', () => {
  it.each<Row>([
    ['two texts', '\x1e{"id":1}\n\x1e{"id":2}\n', 2, undefined],
    ['texts over several lines', '\x1e{\n"id":\n1}\n\x1e{"id":2}\n', 2, undefined],
    ['separators in a row', '\x1e\x1e\x1e{"id":1}\n\x1e', 1, undefined],
    ['no line feed at the end', '\x1e{"id":1}\x1e{"id":2}', 2, undefined],
    ['a text that is cut', '\x1e{"id":1\x1e{"id":2}\n', 1, 'truncated'],
    ['a text that is none', '\x1eabc\n\x1e{"id":2}\n', 1, 'not_json'],
    ['bytes before the first', '{"id":1}\n\x1e{"id":2}\n', 1, 'frame'],
    ['bytes behind a text', '\x1e{"id":1}\nx\x1e{"id":2}\n', 2, 'frame'],
    ['nothing at all', '', 0, undefined],
  ])('%s', (_, body, posts, uncounted) => {
    const whole = countPieces(jsonSeq, '$', [body]);
    const singly = countPieces(jsonSeq, '$', body);
    expect(singly).toMatchObject(uncounted === 'frame' ? { posts } : { posts, uncounted });
    expect(whole.uncounted === undefined).toBe(uncounted === undefined);
  });

  it('a text counts with its line feed, not with the separator of the next', () => {
    const stream = startCounting(jsonSeq, '$');
    expect(stream.after('\x1e{"id":1}')).toBe(0);
    expect(stream.after('\n')).toBe(1);
    expect(stream.after('\x1e{"id":\n')).toBe(1);
    expect(stream.finish(false)).toEqual({ posts: 1 });
  });

  it('equals splitting by separators and JSON.parse, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(jsonText), cuts, (texts, at) => {
        const body = Buffer.from(texts.map((text) => `\x1e${text}\n`).join(''));
        const found = texts.map(slowPosts);
        const { posts, uncounted } = countPieces(jsonSeq, '$.posts[*]', piecesOf(body, at));
        expect(posts).toBe(found.reduce<number>((sum, one) => sum + (one ?? 0), 0));
        expect(uncounted !== undefined).toBe(found.includes(undefined));
      }),
      { numRuns: 300 },
    );
  });
});

describe('messages', () => {
  it.each<[string, string[], number, string | undefined]>([
    ['one post each', ['{"id":1}', '{"id":2}'], 2, undefined],
    ['signs of life', ['ping', '', '17', '[DONE]', '[ heartbeat ]', '{"id":1}'], 1, undefined],
    ['a message that is no whole JSON', ['{"id":1', '{"id":2}'], 1, 'truncated'],
    ['a message of another shape', ['[{"id":1}]', '{"id":2}'], 1, 'shape'],
    ['JSON behind a number', ['42["post",{"id":1}]', '{"id":2}'], 1, 'not_json'],
    ['half a list', ['['], 0, 'truncated'],
  ])('%s', (_, frames, posts, uncounted) => {
    expect(countPieces(messages, '$', frames)).toEqual({ posts, uncounted });
  });

  it('reads a string that contains JSON if the route says so, and reports it otherwise', () => {
    const frames = ['"{\\"id\\":1}"', 'ping'];
    expect(countPieces(messages, '$', frames, { inside: '$' })).toEqual({ posts: 1 });
    expect(countPieces(messages, '$', frames)).toEqual({ posts: 0, uncounted: 'not_json' });
  });

  it('counts each when it has come', () => {
    const stream = startCounting(messages, '$');
    expect(stream.after('{"id":1}')).toBe(1);
    expect(stream.finish(false)).toEqual({ posts: 1 });
  });
});

describe.each([
  ['lines', ndjson],
  ['sequences', jsonSeq],
  ['messages', messages],
])('random bytes as %s', (_, make) => {
  it('never throw', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(...Buffer.from('\n\r\x1e{}[]",:1tx '))).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(fc.array(bytes), fc.boolean(), (pieces, isWhole) => {
        expect(countPieces(make, '$', pieces, { isWhole }).posts).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
