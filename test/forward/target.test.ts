import { describe, expect, it } from 'vitest';
import { failureOf, mayRetry } from '../../src/forward/failure.ts';
import { pathOf, withoutParameters } from '../../src/forward/target.ts';

describe('request targets', () => {
  it.each([
    ['/a//b/../%2e?x=%zz#', undefined, '/a//b/../%2e?x=%zz#'],
    ['/a%5Cb?x=\\', undefined, '/a%5Cb?x=\\'],
    ['http://p.example/a?b', 'p.example', '/a?b'],
    ['HTTP://P.example', 'p.example', '/'],
    ['http://p.example?q=1', 'p.example', '/?q=1'],
    ['http://p.example:80/a', 'p.example', '/a'],
    ['http://p.example/a', 'P.example:80', '/a'],
    ['https://p.example:443/a', 'p.example', '/a'],
    ['http://p.example:/a', 'p.example', '/a'],
    ['http://[::1]:8787/a', '[::1]:8787', '/a'],
    ['http://[::1]/a', '[::1]:80', '/a'],
  ])('%s is forwarded as a path', (target, host, path) => {
    expect(pathOf(target, host)).toEqual({ kind: 'path', path });
  });

  it.each([
    ['*', 'p'],
    ['/a\\b?c', undefined],
    ['http://p.example/a\\b', 'p.example'],
    ['p.example:443', 'p'],
    ['http://other.example/', 'p.example'],
    ['ftp://p.example/', 'p.example'],
    ['http://p.example:443/', 'p.example'],
    ['https://p.example:80/', 'p.example'],
    ['http://p.example:8080/', 'p.example'],
    ['http://p.example/', 'p.example:8080'],
    ['http://user@p.example/', 'p.example'],
    ['http://p.example@other/', 'other'],
    ['http://user@p.example/', 'user@p.example'],
  ])('%s is rejected', (target, host) => {
    expect(pathOf(target, host).kind).toBe('unfit');
  });
});

describe('failures', () => {
  const error = (code: string) => Object.assign(new Error(code), { code });

  it.each([
    ['ECONNREFUSED', 502, 'upstream_unreachable'],
    ['POSTMETER_TIMEOUT', 504, 'upstream_timeout'],
    ['ETIMEDOUT', 504, 'upstream_timeout'],
    ['POSTMETER_BROKE_OFF', 502, 'upstream_broke_off'],
    ['POSTMETER_BAD_ANSWER', 502, 'upstream_bad_answer'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 502, 'upstream_unreachable'],
    ['POSTMETER_CLOSING', 503, 'gateway_closing'],
    ['POSTMETER_NOT_FORWARDABLE', 400, 'request_not_forwardable'],
    ['never heard of', 502, 'upstream_error'],
  ])('%s is a %i %s', (code, status, name) => {
    expect(failureOf(error(code))).toMatchObject({ status, code: name });
  });

  it('repeats only idempotent requests that have no body and got no response', () => {
    expect(mayRetry('GET', false, error('POSTMETER_BROKE_OFF'))).toBe(true);
    expect(mayRetry('POST', false, error('POSTMETER_BROKE_OFF'))).toBe(false);
    expect(mayRetry('GET', true, error('POSTMETER_BROKE_OFF'))).toBe(false);
    expect(mayRetry('GET', false, error('POSTMETER_TIMEOUT'))).toBe(false);
  });
});

describe('withoutParameters', () => {
  it.each([
    ['/a?key=1&b=2', '/a?b=2'],
    ['/a?b=2&key=1&c', '/a?b=2&c'],
    ['/a?key=1', '/a'],
    ['/a?key=12', '/a?key=12'],
    ['/a', '/a'],
  ])('%s: %s', (path, expected) => expect(withoutParameters(path, ['key=1'])).toBe(expected));
});
