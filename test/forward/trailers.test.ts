import { expect, it } from 'vitest';
import { forwardableTrailers } from '../../src/forward/trailers.ts';

it('drops trailers that frame, route, count or name the gateway, and forwards the others in order', () => {
  const received = [
    'X-Checksum', 'abc', 'Content-Length', '0', 'transfer-encoding', 'x', 'SET-COOKIE', 'a=b', 'X-Post-Count', '9',
    'RateLimit', '"a";r=0', 'Connection', 'close', 'X-Forwarded-For', '1.2.3.4', 'grpc-status', '0', 'Host', 'b',
  ]; // biome-ignore format: pairs on one line
  expect(forwardableTrailers(received, 'x-post-count')).toEqual([
    ['X-Checksum', 'abc'],
    ['grpc-status', '0'],
  ]);
});

it('drops a trailer that HTTP does not allow', () => {
  const received = [
    'X-A',
    'a\x07',
    'X-B',
    'a\r\nb',
    'X C',
    'c',
    '',
    'd',
    'X-\xe9',
    'e',
    'X-F',
    'caf\xe9\t',
    'X-G',
    '',
  ];
  expect(forwardableTrailers(received, 'x-post-count')).toEqual([
    ['X-F', 'caf\xe9\t'],
    ['X-G', ''],
  ]);
});
