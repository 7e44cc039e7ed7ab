import { describe, expect, it } from 'vitest';
import { ChunkedDecoder } from '../../../../../src/adapters/node/http/upstream/chunked-decoder.ts';

interface Decoded {
  readonly body: string;
  /** Index after the end of the body; undefined if the body is incomplete. */
  readonly end: number | undefined;
  readonly trailers: string[];
}

function decode(text: string, piece = text.length): Decoded {
  const decoder = new ChunkedDecoder();
  const bytes = Buffer.from(text, 'latin1');
  let body = '';
  for (let from = 0; from < bytes.length; from += piece) {
    const end = decoder.write(bytes.subarray(0, from + piece), from, (data) => {
      body += data.toString('latin1');
    });
    if (decoder.isDone) return { body, end, trailers: decoder.trailers() };
  }
  return { body, end: undefined, trailers: [] };
}

describe('a chunked body', () => {
  it.each([
    ['0\r\n\r\n', '', []],
    ['000\r\n\r\n', '', []],
    ['5\r\nhello\r\n0\r\n\r\n', 'hello', []],
    ['2\r\nhe\r\n00003\r\nllo\r\n0\r\n\r\n', 'hello', []],
    ['a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n', '01234567890123456789', []],
    ['2;x="y;z"\r\nhe\r\n0;last\r\n\r\n', 'he', []],
    ['4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n', []],
    ['1\r\na\r\n0\r\nX: y\r\nZ:\r\n\r\n', 'a', ['X', 'y', 'Z', '']],
  ])('%j is decoded for every cut', (text, body, trailers) => {
    for (let piece = 1; piece <= text.length; piece++) {
      expect(decode(text, piece)).toEqual({ body, end: text.length, trailers });
    }
  });

  it('does not include the bytes after its end', () => {
    expect(decode('1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n').end).toBe('1\r\na\r\n0\r\n\r\n'.length);
  });

  it.each(['', '5', '5\r\nhel', '5\r\nhello', '5\r\nhello\r\n0\r\n', '0\r\nX: y\r\n'])(
    '%j is incomplete',
    (text) => {
      expect(decode(text).end).toBeUndefined();
    },
  );

  it.each([
    'g\r\n',
    '\r\n',
    ' 5\r\n',
    '5 \r\n',
    '-1\r\n',
    '+1\r\n',
    '0x1\r\n',
    ';x\r\n',
    '5\nhello',
    '5\r5',
    '1000000000000\r\n',
    '5;\0\r\n',
    '5;\n',
    '5\r\nhello!',
    '5\r\nhello\n',
    '5\r\nhello\r\r',
    '0\r\n\n',
    '0\r\nX: y\n',
    '0\r\nno field\r\n\r\n',
    '0\r\nX: \0\r\n\r\n',
    `5;${'x'.repeat(20_000)}`,
    `0\r\nX: ${'x'.repeat(20_000)}`,
  ])('%.20j is refused', (text) => {
    expect(() => decode(text)).toThrow();
    expect(() => decode(text, 1)).toThrow();
  });
});
