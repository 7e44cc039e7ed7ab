import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseCounter } from '../../../src/count/stream/sse.ts';
import { heldBytes } from '../held-memory.ts';
import { cuts, jsonText, piecesOf } from './arbitraries.ts';
import { countPieces, countText, type MakeFormat, slowPosts, startCounting } from './counting.ts';

const sse =
  (...events: string[]): MakeFormat =>
  (plan, found) =>
    new SseCounter(plan, events.length === 0 ? null : new Set(events), found);

describe('server-sent events', () => {
  it.each<[string, string, number, string | undefined]>([
    ['a post an event', 'data: {"id":1}\n\ndata: {"id":2}\n\n', 2, undefined],
    ['no space behind the colon, and a byte order mark', '\ufeffdata:{"id":1}\n\n', 1, undefined],
    ['carriage returns', 'data: {"id":1}\r\rdata: {"id":2}\r\r', 2, undefined],
    ['CRLF', 'data: {"id":1}\r\n\r\ndata: {"id":2}\r\n\r\n', 2, undefined],
    ['data over several lines', 'data: {"id":\ndata: 1,\ndata\ndata:"text":"x"}\n\n', 1, undefined],
    ['comments, ids and retries', ': hello\n:\nid: 7\nretry: 10\ndata: {"id":1}\n:\n\n', 1, undefined],
    ['fields whose names only begin alike', 'dat: {"id":1}\ndatas: {\nevents: x\nDATA: {\n\n', 0, undefined],
    ['an event that no blank line ends', 'data: {"id":1}\n\ndata: {"id":2}\n', 1, undefined],
    ['plain text', 'data: [DONE]\n\ndata: ping\n\ndata: 123\n\ndata\n\ndata: {"id":1}\n\n', 1, undefined],
    ['an event that is cut', 'data: {"id":\n\ndata: {"id":2}\n\n', 1, 'truncated'],
    ['an event of another shape', 'data: [{"id":1}]\n\ndata: {"id":2}\n\n', 1, 'shape'],
    ['JSON behind a word', 'data: post {"id":1}\n\n', 0, 'not_json'],
    ['a document of JSON', '[{"id":1},\n{"id":2}]\n', 0, 'frame'],
    ['a page of HTML', '<!doctype html>\n<p>gone</p>\n', 0, 'frame'],
  ])('%s', (_, body, posts, uncounted) => {
    expect(countText(sse(), '$', body)).toEqual({ posts, uncounted });
  });

  it.each<[string, string, string[], number]>([
    ['a name before the data', 'event: update\ndata: {}\n\n', ['update'], 1],
    ['a name behind the data', 'data: {}\nevent:update\n\n', ['update'], 1],
    ['another name', 'event: updates\ndata: {}\n\nevent: updat\ndata: {}\n\n', ['update'], 0],
    ['a name holds for its event only', 'event: update\ndata: {}\n\ndata: {}\n\n', ['update'], 1],
    ['a name without data is forgotten', 'event: update\n\ndata: {}\n\n', ['update'], 0],
    ['the last of two names', 'event: update\nevent: gone\ndata: {}\n\n', ['update'], 0],
    ['an empty name is no name', 'event: gone\nevent\ndata: {}\n\n', ['message'], 1],
    ['without a name it is a message', 'data: {}\n\nevent: message\ndata: {}\n\n', ['message'], 2],
    ['one of several', 'event: a\ndata: {}\n\nevent: é\ndata: {}\n\nevent: c\ndata: {}\n\n', ['a', 'é'], 2],
    ['what is not wanted may be anything', 'event: delete\ndata: {17\n\n', ['update'], 0],
  ])('%s', (_, body, events, posts) => {
    expect(countText(sse(...events), '$', body)).toEqual({ posts });
  });

  it('an event counts with the first byte of its blank line', () => {
    const stream = startCounting(sse(), '$');
    expect(stream.after('data: {"id":1}\r\n')).toBe(0);
    expect(stream.after('\r')).toBe(1);
    expect(stream.after('\ndata: {"id":2}\n')).toBe(1);
    expect(stream.finish(false)).toEqual({ posts: 1 });
  });

  it('an endless event needs no memory', () => {
    const stream = startCounting(sse('update'), '$');
    const piece = Buffer.alloc(65_536, 'x');
    stream.write('data: {"text":"');
    const before = heldBytes();
    for (let i = 0; i < 256; i++) stream.write(piece);
    stream.write('"}\nevent: ');
    for (let i = 0; i < 256; i++) stream.write(piece);
    expect(heldBytes() - before).toBeLessThan(64 * piece.length);
    expect(stream.after('\nevent: update\n\n')).toBe(1);
  }, 20_000);

  it('equals eventsource-parser and JSON.parse, wherever it is cut', () => {
    const event = fc.record({
      before: fc.constantFrom('', 'event: update', 'event:gone', 'event', 'id: 1', ': {"id":1}', 'x: y'),
      data: fc.option(jsonText, { nil: undefined }),
      breaks: fc.boolean(),
      after: fc.constantFrom('', 'event: update', 'event: message', ':'),
    });
    const ends = fc.constantFrom('\n', '\r', '\r\n');
    fc.assert(
      fc.property(
        fc.array(event),
        ends,
        fc.boolean(),
        fc.boolean(),
        cuts,
        (events, end, filters, cut, at) => {
          const text = events
            .map(({ before, data, breaks, after }) => {
              // A line break of the data is between two tokens. Inside a string it would not be valid JSON.
              const lines = data === undefined ? [] : breaks ? data.split(/(?<=^\{)/) : [data];
              const all = [before, ...lines.map((line) => `data: ${line}`), after].filter(
                (line) => line !== '',
              );
              return [...all, '', ''].join(end);
            })
            .join('');
          const body = cut ? text.slice(0, -1) : text;
          expect(
            countPieces(sse(...(filters ? ['update'] : [])), '$.posts[*]', piecesOf(Buffer.from(body), at)),
          ).toEqual(slowCount(body, filters));
        },
      ),
      { numRuns: 800 },
    );
  });

  it('random bytes never throw', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(...Buffer.from('\n\rdatevn{}[]":: 1t'))).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(fc.array(bytes), (pieces) => {
        expect(countPieces(sse('data'), '$', pieces).posts).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

function slowCount(body: string, filters: boolean): { posts: number; uncounted: unknown } {
  let posts = 0;
  let isFaulty = false;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (filters && event !== 'update') return;
      const isPlain = !/^[{[]/.test(data);
      const found = slowPosts(data);
      if (found === undefined && !(isPlain && !data.includes('{'))) isFaulty = true;
      posts += found ?? 0;
    },
  });
  // It looks whether a line feed follows a carriage return, so something must.
  parser.feed(`${body}:\n`);
  return { posts, uncounted: isFaulty ? expect.any(String) : undefined };
}
