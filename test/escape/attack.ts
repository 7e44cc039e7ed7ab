/** Requests as a scraper may choose them, in every dimension that a client controls. */

import fc from 'fast-check';

/** Where the origin keeps posts, and how a request reaches them. */
const DOORS = [
  '/json',
  '/list',
  '/item',
  '/feed',
  '/page',
  '/lines',
  '/read',
  '/?rest_route=/wp/v2/posts',
] as const;
const FORM = 'application/x-www-form-urlencoded';

export interface Attack {
  readonly method: string;
  readonly target: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly body: string;
  readonly version: '1.0' | '1.1';
  /** Whether it is sent twice on one connection, without a pause. */
  readonly isPipelined: boolean;
  /** The client leaves after this many bytes of the response. Undefined if it stays. */
  readonly leavesAfter: number | undefined;
}

const methods = fc.constantFrom(
  'GET',
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'HEAD',
);
const statuses = fc.constantFrom(
  '',
  '',
  '200',
  '201',
  '203',
  '205',
  '226',
  '301',
  '400',
  '404',
  '418',
  '429',
  '500',
  '503',
);

const spellings: ReadonlyArray<(path: string) => string> = [
  (path) => path,
  (path) => path.toUpperCase(),
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `/x/..${path}`,
  (path) => `${path};v=1`,
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.replace(/^\//, '/./'),
  (path) => path.replace(/^\//, '/%2e/'),
];

const header = fc.constantFrom<[string, string][]>(
  [['Range', 'bytes=0-']],
  [
    ['Range', 'bytes=1-'],
    ['If-Range', '"x"'],
  ],
  [['Request-Range', 'bytes=1-']],
  [['Accept-Encoding', 'gzip']],
  [['Accept-Encoding', 'br;q=0.5, compress']],
  [['Accept-Encoding', 'dcz, dcb, deflate;q=0.2']],
  [['Accept-Encoding', '*']],
  [
    ['Accept-Encoding', 'zstd'],
    ['Accept-Encoding', 'compress'],
  ],
  [['Accept_Encoding', 'compress']],
  [['A-IM', 'gzip']],
  [['Accept-Charset', 'utf-16']],
  [['Accept', 'application/json;charset=utf-16']],
  [['X-Original-URL', '/json']],
  [['X-Rewrite-URL', '/list']],
  [['X_Original_URL', '/json']],
  [['X-HTTP-Method-Override', 'GET']],
  [['X-Method-Override', 'get']],
  [['X-HTTP-Method', 'GET']],
  [['TE', 'trailers, gzip']],
  [['Connection', 'accept-encoding, range']],
  [['X-Post-Count', '0']],
  [['Cache-Control', 'no-transform']],
);

const formFields = fc.array(
  fc.oneof(
    fc.constantFrom<[string, string]>(
      ['rest_route', '/wp/v2/posts'],
      ['rest_route', '/wp/v2/posts/1'],
      ['rest_route', '/wp/v2/pages'],
      ['_method', 'GET'],
      ['_method', 'get'],
      ['_fields', 'content'],
      ['_fields', 'title,link'],
    ),
    fc.tuple(fc.constant('error'), statuses),
    fc.tuple(
      fc.constant('pad'),
      fc.integer({ min: 0, max: 5_000 }).map((length) => 'x'.repeat(length)),
    ),
  ),
  { maxLength: 4 },
);

const B = 'b0undary';
type Encoded = { readonly type: string[]; readonly body: string };

const encoders: ReadonlyArray<(fields: ReadonlyArray<readonly [string, string]>) => Encoded> = [
  (fields) => ({ type: [FORM], body: pairs(fields) }),
  (fields) => ({ type: [`${FORM};charset=UTF-8`], body: pairs(fields) }),
  (fields) => ({ type: [`${FORM}, text/plain`], body: pairs(fields) }),
  (fields) => ({ type: [], body: pairs(fields) }),
  (fields) => ({ type: ['text/plain', FORM], body: pairs(fields) }),
  (fields) => ({ type: [`${FORM}; charset=utf-16`], body: pairs(fields) }),
  (fields) => ({ type: [FORM], body: pairs(fields).replaceAll('&', ';') }),
  (fields) => multipart(fields, '\r\n', ''),
  (fields) => multipart(fields, '\r\n', 'preamble\r\n'),
  (fields) => multipart(fields, '\n', ''),
  (fields) => multipart([['f"; filename="a', 'x'.repeat(6_000)], ...fields], '\r\n', ''),
  (fields) =>
    multipart(
      fields.map(([name, value]) => [`${name}"; filename="`, value]),
      '\r\n',
      '',
    ),
];

function pairs(fields: ReadonlyArray<readonly [string, string]>): string {
  return fields.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
}

function multipart(fields: ReadonlyArray<readonly [string, string]>, eol: string, preamble: string): Encoded {
  const parts = fields.map(
    ([name, value]) => `--${B}${eol}Content-Disposition: form-data; name="${name}"${eol}${eol}${value}${eol}`,
  );
  return { type: [`multipart/form-data; boundary=${B}`], body: `${preamble}${parts.join('')}--${B}--${eol}` };
}

export const attacks: fc.Arbitrary<Attack> = fc
  .record({
    method: methods,
    door: fc.constantFrom(...DOORS),
    spelling: fc.constantFrom(...spellings),
    status: statuses,
    posts: fc.integer({ min: 1, max: 60 }),
    extra: fc.constantFrom(
      '',
      '&_method=GET',
      '&rest_route=/wp/v2/pages',
      ';a=b',
      '&rest.route=/wp/v2/posts',
      '&declared=1',
      '&length=1',
    ),
    headers: fc.array(header, { maxLength: 3 }),
    form: fc.option(fc.tuple(formFields, fc.constantFrom(...encoders)), { nil: undefined, freq: 2 }),
    version: fc.constantFrom<'1.0' | '1.1'>('1.1', '1.1', '1.1', '1.0'),
    isPipelined: fc.constantFrom(false, false, false, true),
    leavesAfter: fc.option(fc.integer({ min: 0, max: 8_000 }), { freq: 7, nil: undefined }).map((at) => at),
    isAbsolute: fc.constantFrom(false, false, false, true),
  })
  .map(
    ({ door, spelling, status, posts, extra, form, isAbsolute, headers, leavesAfter, ...rest }): Attack => {
      const [path = '/', query = ''] = door.split('?');
      const target = `${spelling(path)}?${query}&posts=${posts}&status=${status}${extra}`;
      const encoded = form === undefined ? undefined : form[1](form[0]);
      const types = (encoded?.type ?? []).map((type) => ['Content-Type', type] as const);
      return {
        ...rest,
        target: isAbsolute ? `http://a${target}` : target,
        headers: [...headers.flat(), ...types],
        body: encoded?.body ?? '',
        leavesAfter: rest.isPipelined ? undefined : leavesAfter,
      };
    },
  );

/** The bytes of the request. */
export function bytesOf({ method, target, headers, body, version, isPipelined }: Attack): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body, 'latin1')}\r\n`;
  const one = (close: string) =>
    `${method} ${target} HTTP/${version}\r\nHost: a\r\n${lines}${length}${close}\r\n${body}`;
  // The catalogue has its own Connection field. A second one closes the connection all the same.
  return Buffer.from((isPipelined ? one('') : '') + one('Connection: close\r\n'), 'latin1');
}
