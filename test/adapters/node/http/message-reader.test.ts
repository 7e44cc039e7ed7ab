import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageReader } from '../../../../src/adapters/node/http/message-reader.ts';
import type { MessageKind } from '../../../../src/count/route/match.ts';
import { framesOf, type Message, type Negotiated } from './server-frames.ts';

interface Read {
  readonly messages: string[];
  readonly fault: string | undefined;
  readonly isClosed: boolean;
}

async function read(
  chunks: Iterable<Uint8Array>,
  extensions: string | undefined,
  kind: MessageKind = 'text',
): Promise<Read> {
  const messages: string[] = [];
  let drained: () => void = () => {};
  const reader = new MessageReader({
    extensions,
    kind,
    onMessage: (message) => messages.push(Buffer.from(message).toString('latin1')),
    onDrain: () => drained(),
  });
  for (const chunk of chunks) {
    const hasRoom = new Promise<void>((resolve) => {
      drained = resolve;
    });
    if (!reader.write(Buffer.from(chunk))) await hasRoom;
  }
  await new Promise<void>((resolve) => reader.end(resolve));
  return { messages, fault: reader.fault, isClosed: reader.isClosed };
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const NEGOTIATED: readonly Negotiated[] = [
  null,
  'permessage-deflate',
  'permessage-deflate; server_no_context_takeover; client_max_window_bits=15',
];
const LARGE = 'a post of many words '.repeat(100_000);
const CLOSE = Buffer.from([0x88, 2, 0x03, 0xe8]);

describe('MessageReader', () => {
  it('ignores binary attachments between packets of text, whatever their content', async () => {
    const frames = await framesOf(
      [
        { data: '451-["a",{"_placeholder":true,"num":0}]' },
        { data: '{"bytes":1}', isBinary: true },
        { data: 'bytes', isBinary: true },
        { data: '2' },
      ],
      null,
    );
    const packets = ['451-["a",{"_placeholder":true,"num":0}]', '2'];
    expect(await read(pieces(frames, 5), undefined, 'packets')).toMatchObject({
      messages: packets,
      fault: undefined,
    });
  });

  for (const negotiated of NEGOTIATED) {
    describe(negotiated ?? 'without extension', () => {
      const extensions = negotiated ?? undefined;

      it('reads whole and fragmented messages with pings between fragments, for every cut of the chunks', async () => {
        const messages: Message[] = [
          { data: 'one' },
          { data: 'two, three, four', fragments: 3 },
          { data: '' },
          { data: 'bytes', isBinary: true },
          { data: '{"bytes":1}', isBinary: true },
          { data: 'one' },
        ];
        const bytes = Buffer.concat([await framesOf(messages, negotiated), CLOSE]);
        for (const size of [1, 2, 3, 7, bytes.length]) {
          const texts = {
            messages: ['one', 'two, three, four', '', '{"bytes":1}', 'one'],
            fault: 'frame',
            isClosed: true,
          };
          expect(await read(pieces(bytes, size), extensions)).toEqual(texts);
          expect((await read(pieces(bytes, size), extensions, 'binary')).messages).toEqual([
            'bytes',
            '{"bytes":1}',
          ]);
        }
      });

      it('accepts messages of its kind, and empty ones of the other kind', async () => {
        const messages = [{ data: 'bytes', isBinary: true }, { data: '' }];
        expect(await read([await framesOf(messages, negotiated)], extensions, 'binary')).toEqual({
          messages: ['bytes'],
          fault: undefined,
          isClosed: false,
        });
      });

      it('reads large messages', async () => {
        const bytes = await framesOf(
          [{ data: LARGE }, { data: LARGE, fragments: 5 }, { data: 'end' }],
          negotiated,
        );
        const { messages, fault } = await read(pieces(bytes, 65_536), extensions);
        expect(messages.map(({ length }) => length)).toEqual([LARGE.length, LARGE.length, 3]);
        expect(messages[0] === LARGE && messages[1] === LARGE).toBe(true);
        expect(fault).toBeUndefined();
      });

      it('does not read a message over the limit, or any after it', async () => {
        const messages = [{ data: 'before' }, { data: 'x'.repeat(9_000_000) }, { data: 'after' }];
        const bytes = await framesOf(messages, negotiated);
        const expected = { messages: ['before'], fault: 'too_large', isClosed: false };
        expect(await read(pieces(bytes, 65_536), extensions)).toEqual(expected);
      });

      it('returns what it read before the connection was cut', async () => {
        const bytes = await framesOf([{ data: 'one' }, { data: 'two' }, { data: 'three' }], negotiated);
        const { messages, fault } = await read([bytes.subarray(0, -1)], extensions);
        expect([messages, fault]).toEqual([['one', 'two'], undefined]);
      });

      it('never crashes on random bytes', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.uint8Array({ maxLength: 500 }),
            fc.integer({ min: 1, max: 50 }),
            async (noise, size) => {
              await read(pieces(Buffer.from(noise), size), extensions);
            },
          ),
        );
      });
    });
  }

  it.each([
    ['an unknown extension', 'x-webkit-deflate-frame', 'encoding'],
    ['an additional unknown extension', 'permessage-deflate, x-other', 'encoding'],
    ['invalid parameters', 'permessage-deflate; window=3', 'encoding'],
    ['a malformed header', ';;', 'encoding'],
  ])('reads nothing after %s', async (_what, extensions, fault) => {
    const bytes = await framesOf([{ data: 'one' }], null);
    expect(await read([bytes], extensions)).toEqual({ messages: [], fault, isClosed: false });
  });

  it.each([
    [
      'bytes that are not a frame',
      Buffer.from('HTTP/1.1 400 Bad Request\r\n'),
      'permessage-deflate',
      'frame',
    ],
    ['a compressed message without negotiation', Buffer.from([0xc1, 1, 0]), undefined, 'frame'],
    [
      'a message that does not inflate',
      Buffer.from([0xc1, 3, 0xff, 0xff, 0xff]),
      'permessage-deflate',
      'encoding',
    ],
    ['a masked message', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x41]), undefined, 'frame'],
    ['text that is not UTF-8', Buffer.from([0x81, 1, 0xff]), undefined, 'frame'],
    ['a message of 2^63 bytes', Buffer.from([0x81, 0x7f, 0x7f, 0, 0, 0, 0, 0, 0, 0]), undefined, 'too_large'],
  ])('reports %s', async (_what, bytes, extensions, fault) => {
    const good = await framesOf([{ data: 'one' }], null);
    expect(await read([good, bytes, good], extensions)).toEqual({
      messages: ['one'],
      fault,
      isClosed: false,
    });
  });

  it('limits the number of fragments of a message', async () => {
    const bytes = await framesOf([{ data: 'x'.repeat(20_000), fragments: 20_000 }], null);
    expect(await read([bytes], undefined)).toMatchObject({ messages: [], fault: 'too_large' });
  });
});
