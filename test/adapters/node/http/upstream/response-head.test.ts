import { describe, expect, it } from 'vitest';
import { parseFields } from '../../../../../src/adapters/node/http/upstream/header-field.ts';
import {
  CHUNKED,
  type ResponseHead,
  ResponseHeads,
  UNTIL_CLOSE,
} from '../../../../../src/adapters/node/http/upstream/response-head.ts';

const read = (lines: readonly string[], method = 'GET'): ResponseHead =>
  new ResponseHeads().read(`${lines.join('\r\n')}\r\n\r\n`, method);
const OK = 'HTTP/1.1 200 OK';

describe('the status line', () => {
  it.each([
    [OK, 200, 'OK'],
    ['HTTP/1.0 404 Not Found', 404, 'Not Found'],
    ['HTTP/1.1 200 ', 200, ''],
    ['HTTP/1.1 200', 200, ''],
    ['HTTP/1.1 999 \xc7a va', 999, '\xc7a va'],
    ['HTTP/1.1 100 Continue', 100, 'Continue'],
  ])('%j is read', (line, status, reason) => {
    expect(read([line])).toMatchObject({ status, reason });
  });

  it.each([
    'HTTP/1.2 200 OK',
    'HTTP/2 200 OK',
    'http/1.1 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 OK',
    'HTTP/1.1 200OK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200 O\rK',
    'HTTP/1.1 200 OK\nX: y',
    '',
  ])('%j is refused', (line) => {
    expect(() => read([line])).toThrow(/is not the status line of an HTTP\/1 response/);
  });
});

describe('fields', () => {
  it.each([
    ['X: y', ['X', 'y']],
    ['x-Y:z', ['x-Y', 'z']],
    ['X: \t a b\t ', ['X', 'a b']],
    ['X:', ['X', '']],
    ['X: a\tb', ['X', 'a\tb']],
    ['X: \xa0\xe9\xa0', ['X', '\xa0\xe9\xa0']],
    ['X: a\r\n b', ['X', 'a b']],
    ['X: a \r\n \t b\r\n\tc', ['X', 'a b c']],
    ['X:\r\n a', ['X', 'a']],
    ['X: a\r\n ', ['X', 'a']],
  ])('%j is read', (field, headers) => {
    expect(read([OK, field, 'Z: 1']).headers).toEqual([...headers, 'Z', '1']);
  });

  it.each([
    ['X', /"X" is not a header field/],
    [': y', /is not a header field/],
    ['X : y', /is not a header field/],
    [' X: y', /is not a header field/],
    ['X y: z', /is not a header field/],
    ['X\0: y', /is not a header field/],
    ['X: a\0b', /field X has a control character/],
    ['X: a\rb', /field X has a control character/],
    ['X: a\nSet-Cookie: b', /field X has a control character/],
    ['X: a\x7f', /field X has a control character/],
    ['X: a\r\n b\0', /field X has a control character/],
  ])('%j is refused', (field, why) => {
    expect(() => read([OK, field])).toThrow(why);
  });

  it('keep their order, their case and their repetitions', () => {
    expect(read([OK, 'Set-Cookie: a', 'b: 1', 'SET-COOKIE: c']).headers).toEqual([
      ...['Set-Cookie', 'a', 'b', '1', 'SET-COOKIE', 'c'],
    ]);
  });

  it('are read up to ten thousand', () => {
    expect(read([OK, ...Array<string>(10_000).fill('X: y')]).headers).toHaveLength(20_000);
  });

  it('have the same grammar after a body', () => {
    expect(parseFields('X: y\r\nZ: 1\r\n 2\r\n')).toEqual(['X', 'y', 'Z', '1 2']);
    expect(parseFields('')).toEqual([]);
    expect(() => parseFields('X y\r\n')).toThrow(/is not a header field/);
  });
});

describe('the framing', () => {
  it.each([
    [['Content-Length: 0'], 0],
    [['content-length: 012'], 12],
    [['Content-Length:  999999999999999 '], 999_999_999_999_999],
    [['Transfer-Encoding: chunked'], CHUNKED],
    [['transfer-encoding: Chunked'], CHUNKED],
    [[], UNTIL_CLOSE],
  ])('%j: %i', (fields, length) => {
    expect(read([OK, ...fields]).length).toBe(length);
  });

  it.each([
    [['Content-Length: 1', 'Content-Length: 1'], /more than one Content-Length/],
    [['Content-Length: 1, 1'], /Content-Length "1, 1" is not a number/],
    [['Content-Length: -1'], /is not a number/],
    [['Content-Length: +1'], /is not a number/],
    [['Content-Length: 0x1'], /is not a number/],
    [['Content-Length: 1e1'], /is not a number/],
    [['Content-Length:'], /is not a number/],
    [['Content-Length: 1234567890123456'], /is not a number/],
    [['Content-Length: 1\r\n 2'], /Content-Length is folded/],
    [['Content-Length:\r\n 2'], /Content-Length is folded/],
    [['Transfer-Encoding: gzip, chunked'], /Transfer-Encoding "gzip, chunked" is not supported/],
    [['Transfer-Encoding: identity'], /is not supported/],
    [['Transfer-Encoding: chunked, chunked'], /is not supported/],
    [['Transfer-Encoding: chunked;q=1'], /is not supported/],
    [['Transfer-Encoding:'], /is not supported/],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], /more than one Transfer-Encoding/],
    [['Transfer-Encoding:\r\n chunked'], /Transfer-Encoding is folded/],
    [['Content-Length: 1', 'Transfer-Encoding: chunked'], /both Transfer-Encoding and Content-Length/],
  ])('%j is refused, with the reason', (fields, why) => {
    expect(() => read([OK, ...fields])).toThrow(why);
    expect(() => read([OK, ...fields], 'HEAD')).toThrow(why);
  });

  it('is never chunked in HTTP/1.0', () => {
    expect(() => read(['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'])).toThrow(/HTTP\/1.0 response/);
  });

  it.each([
    ['GET', 'HTTP/1.1 304 Not Modified'],
    ['GET', 'HTTP/1.1 204 No Content'],
    ['GET', 'HTTP/1.1 103 Early Hints'],
    ['HEAD', OK],
  ])('of %s answered by %s declares no body, whatever the fields say', (method, line) => {
    for (const field of ['Content-Length: 5', 'Transfer-Encoding: chunked', 'X: y']) {
      expect(read([line, field], method)).toMatchObject({ length: 0, keepsAlive: true });
    }
  });
});

describe('the connection', () => {
  const sized = 'Content-Length: 0';
  it.each([
    [[OK, sized], true],
    [[OK], false],
    [[OK, sized, 'Connection: close'], false],
    [[OK, sized, 'Connection: Keep-Alive, CLOSE'], false],
    [[OK, sized, 'Connection: closed'], true],
    [[OK, sized, 'Connection: close', 'Connection: keep-alive'], true],
    [['HTTP/1.0 200 OK', sized], false],
    [['HTTP/1.0 200 OK', sized, 'Connection: keep-alive'], true],
  ])('%j may be reused: %s', (lines, keepsAlive) => {
    expect(read(lines).keepsAlive).toBe(keepsAlive);
  });

  it.each([
    ['timeout=5', 5_000],
    ['max=100, Timeout=15', 15_000],
    ['timeout=0', 0],
    ['max=100', undefined],
    ['xtimeout=5', undefined],
    ['timeout=99999999', 999_999_000],
  ])('Keep-Alive: %s lasts %s ms', (value, ms) => {
    expect(read([OK, sized, `Keep-Alive: ${value}`]).keepAliveMs).toBe(ms);
  });
});

it('a line that equals one of the last head is read the same, unless a fold follows', () => {
  const heads = new ResponseHeads();
  const head = (fields: string) => heads.read(`${OK}\r\n${fields}\r\n\r\n`, 'GET');
  const first = head('A: 1\r\nContent-Length: 2');
  expect(head('A: 1\r\nContent-Length: 2')).toEqual(first);
  expect(head('A: 1\r\n 2\r\nContent-Length: 2').headers).toEqual(['A', '1 2', 'Content-Length', '2']);
  expect(() => head('A: 1\r\nContent-Length: 2\r\n 3')).toThrow(/folded/);
  expect(head('A: 12\r\nContent-Length: 23')).toMatchObject({
    headers: ['A', '12', 'Content-Length', '23'],
    length: 23,
  });
});
