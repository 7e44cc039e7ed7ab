import { describe, expect, it } from 'vitest';
import { headerClasses, REWRITING_HEADERS } from '../../../src/forward/header-names.ts';
import {
  type Hop,
  type RequestHeaderOptions,
  type RequestShape,
  requestHeaders,
} from '../../../src/forward/request-headers.ts';
import { readableCodings, withoutCharsets } from '../../../src/forward/shape/accepting.ts';
import { FORWARD, UNCOUNTED } from '../options.ts';

const STRANGER: Hop = { peer: '203.0.113.7', trusted: false, secure: false };
const PROXY: Hop = { peer: '10.0.0.2', trusted: true, secure: false };
const COUNTED: RequestShape = { ...UNCOUNTED, isCounted: true };

/** The first value of a field of the request that was sent with it alone. */
function passed(
  name: string,
  value: string,
  { shape = COUNTED, hop = STRANGER, options = {} as Partial<RequestHeaderOptions> } = {},
): string | undefined {
  const flat = requestHeaders([name, value], hop, { ...FORWARD, ...options }, 'c', shape);
  const at = flat.findIndex((field, index) => index % 2 === 0 && field === name);
  return at === -1 ? undefined : flat[at + 1];
}

describe('ranges', () => {
  it.each(['Range', 'If-Range', 'Request-Range', 'range', 'Request_Range', 'If_Range'])(
    'is removed if the response may contain posts: %s',
    (name) => {
      expect(passed(name, 'bytes=0-')).toBeUndefined();
      expect(passed(name, 'bytes=0-', { hop: PROXY })).toBeUndefined();
    },
  );

  it('pass if the response contains no posts, or if the configuration allows them', () => {
    expect(passed('Range', 'bytes=0-', { shape: UNCOUNTED })).toBe('bytes=0-');
    expect(passed('Range', 'bytes=0-', { options: { removesRanges: false } })).toBe('bytes=0-');
  });
});

describe('headers that rewrite the request', () => {
  it.each([...REWRITING_HEADERS, 'x-oRIGINAL-url', 'X_Original_URL', 'X_HTTP_METHOD_OVERRIDE'])(
    '%s is removed from every request of an untrusted peer',
    (name) => {
      expect(passed(name, '/wp-json/wp/v2/posts')).toBeUndefined();
      expect(passed(name, '/wp-json/wp/v2/posts', { shape: UNCOUNTED })).toBeUndefined();
    },
  );

  it.each(REWRITING_HEADERS)('%s from a trusted proxy passes', (name) => {
    expect(passed(name, '/a', { hop: PROXY })).toBe('/a');
  });

  it('are removed as configured', () => {
    const options = { classOf: headerClasses(['X-Own-Path']) };
    expect(passed('X-Own-Path', '/a', { options })).toBeUndefined();
    expect(passed('X-Original-URL', '/a', { options })).toBe('/a');
  });
});

describe('offered codings', () => {
  it.each([
    ['gzip, deflate, br, zstd', 'gzip, deflate, br, zstd'],
    ['gzip,br;q=0.5', 'gzip,br;q=0.5'],
    ['dcz, dcb, compress, zstd;q=0.9, br;q=0.8', 'zstd;q=0.9, br;q=0.8'],
    ['compress', 'identity'],
    ['', 'identity'],
    ['dcz, identity;q=0', 'identity;q=0'],
    ['*', 'gzip, deflate, br, zstd'],
    ['*;q=0.1, gzip;q=0, br', 'deflate;q=0.1, zstd;q=0.1, gzip;q=0, br'],
    ['gzip, *;q=0', 'gzip, *;q=0'],
    ['gzip, *;q=0.000', 'gzip, *;q=0.000'],
    ['GZIP;Q=1, X-Gzip', 'GZIP;Q=1, X-Gzip'],
    ['gzip;x=dcz;q=0.3', 'gzip;q=0.3'],
    ['gzip dcz', 'identity'],
  ])('of %j: %j', (asked, offered) => {
    expect(readableCodings(asked)).toBe(offered);
    expect(passed('Accept-Encoding', asked)).toBe(offered);
  });

  it('are read in one if they come in several fields', () => {
    const headers = ['accept-encoding', 'dcz', 'Cookie', 'a', 'Accept-Encoding', 'br'];
    const flat = requestHeaders(headers, STRANGER, FORWARD, 'c', COUNTED);
    expect(flat.slice(0, 4)).toEqual(['accept-encoding', 'br', 'Cookie', 'a']);
    expect(flat).not.toContain('Accept-Encoding');
  });

  it('are all offered if the response contains no posts, or if the configuration says so', () => {
    expect(passed('Accept-Encoding', 'dcz', { shape: UNCOUNTED })).toBe('dcz');
    expect(passed('Accept-Encoding', 'dcz', { options: { offersReadable: false } })).toBe('dcz');
  });

  it.each(['A-IM', 'Accept-Charset', 'Accept_Charset', 'Accept_Encoding'])('%s is removed', (name) => {
    expect(passed(name, 'gzip')).toBeUndefined();
  });
});

describe('character sets in Accept', () => {
  it.each([
    ['application/json', 'application/json'],
    ['application/json;charset=utf-16, */*;q=0.1', 'application/json, */*;q=0.1'],
    ['application/json; Charset="utf-16";q=0.5', 'application/json;q=0.5'],
    ['text/html;level=1;charset=utf-7', 'text/html;level=1'],
  ])('of %s: %s', (asked, offered) => {
    expect(withoutCharsets(asked)).toBe(offered);
    expect(passed('Accept', asked)).toBe(offered);
  });
});

describe("the gateway's API keys", () => {
  it('are not forwarded, while other values of the same header are', () => {
    const shape = { ...UNCOUNTED, secrets: ['x-api-key', 'pm_secret'] };
    expect(passed('X-API-Key', 'pm_secret', { shape })).toBeUndefined();
    expect(passed('X-API-Key', 'theirs', { shape })).toBe('theirs');
    expect(passed('Cookie', 'pm_secret', { shape })).toBe('pm_secret');
  });
});
