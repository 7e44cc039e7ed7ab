import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MultipartCounter } from '../../../src/count/stream/multipart.ts';
import { boundaryOf } from '../../../src/count/stream/parts.ts';
import { cuts, jsonText, piecesOf } from './arbitraries.ts';
import { countPieces, countText, type MakeFormat, slowPosts, startCounting } from './counting.ts';

const multipart =
  (contentType = 'multipart/mixed; boundary=b'): MakeFormat =>
  (plan, found) =>
    new MultipartCounter(plan, contentType, found);

const JSON_HEAD = 'Content-Type: application/json\r\n';

/** A body of parts, each written as head and body. */
function bodyOf(parts: readonly string[], end = '\r\n', boundary = 'b'): string {
  return `${parts.map((part) => `--${boundary}${end}${part}${end}`).join('')}--${boundary}--${end}`;
}

function answer(status: string, body: string, head = JSON_HEAD): string {
  return `Content-Type: application/http\r\nContent-ID: <1>\r\n\r\nHTTP/1.1 ${status}\r\n${head}\r\n${body}`;
}

const changes = (...parts: string[]): string =>
  `Content-Type: multipart/mixed;\r\n\tboundary="b-1"\r\n\r\n${bodyOf(parts, '\r\n', 'b-1')}`;

describe('a multipart body', () => {
  it.each<[string, string, number, string | undefined]>([
    ['JSON parts', bodyOf([`${JSON_HEAD}\r\n{"id":1}`, `${JSON_HEAD}\r\n{"id":2}`]), 2, undefined],
    ['bare line feeds', bodyOf(['content-type:application/json\n\n{"id":1}'], '\n'), 1, undefined],
    ['a preamble, an epilogue', `{"id":1}\r\n${bodyOf(['\r\n{"id":2}'])}{"id":3}`, 1, undefined],
    ['padding behind the boundary', `--b \t\r\n\r\n{"id":1}\r\n--b-- \r\n`, 1, undefined],
    ['no line end behind the last', `--b\r\n\r\n{"id":1}\r\n--b--`, 1, undefined],
    [
      'parts of another type',
      bodyOf(['Content-Type: text/html\r\n\r\n{"id":1}', '\r\n{"id":2}']),
      1,
      undefined,
    ],
    ['a type with a suffix', bodyOf(['Content-Type: application/hal+json; v=1\r\n\r\n{}']), 1, undefined],
    ['a form', bodyOf(['Content-Disposition: form-data; name="a"\r\n\r\nhello', '\r\n{}']), 1, undefined],
    ['JSON of several lines', bodyOf([`${JSON_HEAD}\r\n{\r\n"id":\r\n1\r\n}`]), 1, undefined],
    ['lines that begin as the boundary does', bodyOf(['\r\n--bb\r\n-\r\n--b-x', '\r\n{}']), 1, undefined],
    ['a faulty part', bodyOf([`${JSON_HEAD}\r\n{"id":`, `${JSON_HEAD}\r\n{"id":2}`]), 1, 'truncated'],
    ['a JSON part that is none', bodyOf([`${JSON_HEAD}\r\ngone`, `${JSON_HEAD}\r\n{"id":2}`]), 1, 'not_json'],
    ['a coding', bodyOf([`${JSON_HEAD}Content-Transfer-Encoding: base64\r\n\r\ne30=`]), 0, 'encoding'],
    ['a head without end', bodyOf([`x: ${'y'.repeat(17_000)}\r\n\r\n{}`, '\r\n{}']), 1, 'frame'],
    ['no delimiter', '{"id":1}', 0, 'frame'],
    ['nothing', '', 0, 'frame'],
    ['no closing delimiter, the last part whole', `--b\r\n\r\n{"id":1}\r\n`, 1, undefined],
    ['no closing delimiter, the last part cut', `--b\r\n\r\n{"id":1}\r\n--b\r\n\r\n{"id"`, 1, 'truncated'],
  ])('%s', (_, body, posts, uncounted) => {
    expect(countText(multipart(), '$', body)).toEqual({ posts, uncounted });
  });

  it.each<[string, string, number, string | undefined]>([
    ['answers', bodyOf([answer('200 OK', '{"id":1}'), answer('201 Created', '{"id":2}')]), 2, undefined],
    [
      'an answer that is an error',
      bodyOf([answer('404 Not Found', '{"error":1}'), answer('200 OK', '{}')]),
      1,
      undefined,
    ],
    [
      'one without a body',
      bodyOf(['Content-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\n', answer('200 OK', '{}')]),
      1,
      undefined,
    ],
    ['one without header fields', bodyOf([answer('200 OK', '{}', '')]), 1, undefined],
    [
      'blank lines before the status',
      bodyOf(['Content-Type: application/http\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}']),
      1,
      undefined,
    ],
    [
      'a batch in a batch',
      bodyOf([changes(answer('201 Created', '{}'), answer('409 Conflict', '{}')), answer('200 OK', '{}')]),
      2,
      undefined,
    ],
    [
      'an answer that is compressed',
      bodyOf([answer('200 OK', 'xx', `${JSON_HEAD}Content-Encoding: gzip\r\n`)]),
      0,
      'encoding',
    ],
    ['an answer in part', bodyOf([answer('206 Partial Content', '{}')]), 0, 'partial'],
    ['no answer', bodyOf(['Content-Type: application/http\r\n\r\n{"id":1}']), 0, 'frame'],
    [
      'a multipart without a boundary',
      bodyOf(['Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\n{}']),
      0,
      'frame',
    ],
    ['a multipart that is none', bodyOf(['Content-Type: multipart/mixed; boundary=x\r\n\r\n{}']), 0, 'frame'],
  ])('a batch: %s', (_, body, posts, uncounted) => {
    expect(countText(multipart(), '$', body)).toEqual({ posts, uncounted });
  });

  it('nested without end is not followed', () => {
    let body = '\r\n{}';
    for (let depth = 20; depth > 0; depth--) {
      body = `Content-Type: multipart/mixed; boundary=n${depth}\r\n\r\n${bodyOf([body], '\r\n', `n${depth}`)}`;
    }
    expect(countText(multipart(), '$', bodyOf([body]))).toEqual({ posts: 0, uncounted: 'frame' });
    const http = 'Content-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n';
    expect(countText(multipart(), '$', bodyOf([http.repeat(20)]))).toEqual({ posts: 0, uncounted: 'frame' });
  });

  it('a part counts with its delimiter, while the body continues', () => {
    const stream = startCounting(multipart('multipart/mixed; boundary="-"'), '$');
    expect(stream.after(`---\r\n${JSON_HEAD}\r\n{"id":1}\r\n--`)).toBe(0);
    expect(stream.after('-\r')).toBe(1);
    expect(stream.after(`\n${JSON_HEAD}\r\n{"id":2}\r\n`)).toBe(1);
    expect(stream.finish(false)).toEqual({ posts: 1 });
  });

  it('equals splitting by the boundary and JSON.parse, wherever it is cut', () => {
    const part = fc.record({
      json: jsonText,
      head: fc.constantFrom('application/json', 'image/png', 'http'),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.constantFrom('\r\n', '\n'), cuts, (parts, end, at) => {
        const texts = parts.map(({ json, head }) =>
          head === 'http'
            ? [
                'Content-Type: application/http',
                '',
                'HTTP/1.1 200 OK',
                'Content-Type: text/json',
                '',
                json,
              ].join(end)
            : [`Content-Type: ${head}`, '', json].join(end),
        );
        const found = parts.map(({ json, head }) => (head === 'image/png' ? 0 : slowPosts(json)));
        const pieces = piecesOf(Buffer.from(bodyOf(texts, end)), at);
        const { posts, uncounted } = countPieces(multipart(), '$.posts[*]', pieces);
        expect(posts).toBe(found.reduce<number>((sum, one) => sum + (one ?? 0), 0));
        expect(uncounted !== undefined).toBe(found.includes(undefined));
      }),
      { numRuns: 400 },
    );
  });

  it('random bytes never throw', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(fc.constantFrom('\r\n', '--b', '--', 'Content-Type: application/http', 'HTTP/1.1 200', '{}'))
        .map((list) => Buffer.from(list.join(''))),
    );
    fc.assert(
      fc.property(fc.array(bytes), (pieces) => {
        expect(countPieces(multipart(), '$', pieces).posts).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the boundary of a Content-Type', () => {
  it.each<[string, string | undefined]>([
    ['multipart/mixed; boundary=abc', 'abc'],
    ['multipart/mixed;charset=utf-8;BOUNDARY="a b\\"c"', 'a b"c'],
    ['multipart/mixed; boundary=abc; type=x', 'abc'],
    ['multipart/mixed', undefined],
    ['multipart/mixed; boundary=', undefined],
    [`multipart/mixed; boundary=${'x'.repeat(201)}`, undefined],
  ])('%s', (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary);
  });
});
