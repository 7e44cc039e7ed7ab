import { describe, expect, it } from 'vitest';
import { validReasonPhrase } from '../../src/forward/reason-phrase.ts';
import { headFault } from '../../src/forward/request-head.ts';
import { headWithoutUpgrade } from '../../src/forward/upgrade-head.ts';

describe('headFault', () => {
  it.each([
    [['Host', 'a'], 1, undefined],
    [[], 0, undefined],
    [['Host', 'a', 'X-Host', 'b', 'tsoh', 'c'], 1, undefined],
    [['Host', 'a', 'Transfer-Encoding', 'chunked'], 1, undefined],
    [['Host', 'a', 'transfer-encoding', 'CHUNKED'], 1, undefined],
    [['Host', 'a', 'Host', 'b'], 1, 400],
    [['Host', 'a', 'HOST', 'a'], 1, 400],
    [['Host', 'a', 'Transfer-Encoding', 'chunked'], 0, 400],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'], 1, 501],
    [['Transfer-Encoding', 'gzip, chunked'], 1, 501],
    [['Transfer-Encoding', 'identity'], 1, 501],
    [['Transfer-Encoding', ''], 1, 501],
    [[], 9, 400],
    [['Host', 'a'], 9, 400],
    [['Host', ''], 1, undefined],
    [['Host', 'A-b.example:8080'], 1, undefined],
    [['Host', '[2001:db8::1]:443'], 1, undefined],
    [['Host', 'a:'], 1, undefined],
    [['Host', 'a b'], 1, 400],
    [['Host', 'a/b'], 1, 400],
    [['Host', 'user@a'], 1, 400],
    [['Host', 'a:b'], 1, 400],
    [['Host', '[::1'], 1, 400],
    [['Host', 'a\\b'], 1, 400],
    [['Host', 'caf\xe9'], 1, 400],
  ])('%j in HTTP/1.%i: %s', (headers, versionMinor, status) => {
    expect(headFault(headers, versionMinor)?.status).toBe(status);
  });
});

describe('validReasonPhrase', () => {
  it.each([
    ['OK', 'OK'],
    ['', ''],
    ['\xc7a va', '\xc7a va'],
    ['✓', ''],
    ['a\x07', ''],
    ['a\r\nSet-Cookie: b', ''],
  ])('%j: %j', (phrase, fit) => {
    expect(validReasonPhrase(phrase)).toBe(fit);
  });
});

describe('headWithoutUpgrade', () => {
  it('keeps every other field unchanged', () => {
    const headers = [
      'Host',
      'a',
      'X-Caf\xe9',
      '\xe9',
      'Upgrade',
      'h2c',
      'HTTP2-Settings',
      'AAMA',
      'host-x',
      '',
    ];
    expect(headWithoutUpgrade('GET / HTTP/1.1', headers)).toBe(
      'GET / HTTP/1.1\r\nHost: a\r\nX-Caf\xe9: \xe9\r\nhost-x: \r\n\r\n',
    );
  });

  it.each([
    ['Upgrade, HTTP2-Settings', ''],
    ['keep-alive, Upgrade', 'Connection: keep-alive\r\n'],
    ['upgrade,x-hop , HTTP2-SETTINGS,close', 'Connection: x-hop, close\r\n'],
  ])('Connection: %s', (connection, kept) => {
    expect(headWithoutUpgrade('GET / HTTP/1.1', ['Connection', connection])).toBe(
      `GET / HTTP/1.1\r\n${kept}\r\n`,
    );
  });
});
