import { describe, expect, it } from 'vitest';
import { HeadBuffer, MAX_HEAD_BYTES } from '../../../../../src/adapters/node/http/upstream/head-buffer.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nX: y\r\n\r\n';

/** Feeds the text in pieces. The first piece starts after `before` bytes that are skipped. */
function take(text: string, piece: number, before = 0): { text: string; rest: string } | null {
  const buffer = new HeadBuffer();
  const bytes = Buffer.from(text, 'latin1');
  for (let from = before; from < bytes.length; from += piece) {
    const read = bytes.subarray(0, from + piece);
    const found = buffer.take(read, from);
    if (found !== null) {
      expect(buffer.isEmpty).toBe(true);
      return { text: found.text, rest: bytes.toString('latin1', found.end) };
    }
  }
  return null;
}

describe('a head', () => {
  it('is found for every cut, and the bytes after it remain', () => {
    const text = `${HEAD}body\r\n\r\n`;
    for (let piece = 1; piece <= text.length; piece++) {
      expect(take(text, piece)).toEqual({ text: HEAD, rest: 'body\r\n\r\n' });
      expect(take(`old${text}`, piece, 3)).toEqual({ text: HEAD, rest: 'body\r\n\r\n' });
    }
  });

  it('is refused over its maximum length', () => {
    const longest = `HTTP/1.1 200 ${'x'.repeat(MAX_HEAD_BYTES - 17)}\r\n\r\n`;
    expect(longest).toHaveLength(MAX_HEAD_BYTES);
    for (const piece of [longest.length + 1, 1_000]) {
      expect(take(longest, piece)?.text).toBe(longest);
      expect(() => take(`HTTP/1.1 200 x${longest.slice(13)}`, piece)).toThrow(/longer than 65536 bytes/);
      expect(() => take('HTTP/1.1 '.padEnd(MAX_HEAD_BYTES + 1), piece)).toThrow(/longer than 65536 bytes/);
    }
  });

  it.each(['SSH-2.0-x\r\n', '\x16\x03\x01', 'h', '\r\nHTTP/1.1 200', 'HTTP/2', 'PRI * HTTP/2.0\r\n\r'])(
    '%j is refused before its end',
    (text) => {
      expect(() => take(text, 1)).toThrow(/does not speak HTTP\/1/);
      expect(() => take(text, text.length)).toThrow(/does not speak HTTP\/1/);
    },
  );

  it.each(['HTTP/1.1 200 OK\n', 'HTTP/1.1 200 OK\r\nX: y\nZ'])('%j is refused for its line end', (text) => {
    expect(() => take(text, 1)).toThrow(/does not end in CRLF/);
    expect(() => take(text, text.length)).toThrow(/does not end in CRLF/);
  });
});
