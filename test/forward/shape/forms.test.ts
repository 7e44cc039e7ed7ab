import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formKindOf } from '../../../src/count/request-body/form-head.ts';
import { formReader } from '../../../src/count/request-body/form-reader.ts';
import type { Verdict } from '../../../src/count/request-body/request-reader.ts';
import { RouteSelection } from '../../../src/forward/shape/route-selection.ts';
import { routesOf } from '../../count/rules.ts';

const LIMITS = { maxBytes: 1_000, maxMs: 1_000 };
const B = 'XyZ';
const MULTIPART = `multipart/form-data; boundary=${B}`;
const URLENCODED = 'application/x-www-form-urlencoded';

const routes = routesOf(
  { path: '/**', name: 'item', query: { rest_route: '/wp/v2/posts/*' } },
  { path: '/**', name: 'list', query: { rest_route: '/wp/v2/posts' } },
  { path: '/read', name: 'read', methods: ['GET'] },
);
/** A route whose only rule depends on neither method nor parameters. */
const plain = routesOf({ path: '/plain', name: 'plain' });

interface Posted {
  readonly path?: string;
  readonly method?: string;
  readonly type?: string | readonly string[];
  readonly body?: string;
  readonly headers?: readonly string[];
  readonly isTrusted?: boolean;
  readonly chunkBytes?: number;
}

/** The verdict on a request and the rule that applies to it; `head` for a refusal before its body. */
function select({
  path = '/',
  method = 'POST',
  body = '',
  headers = [],
  isTrusted = false,
  ...rest
}: Posted) {
  const types = [rest.type ?? URLENCODED].flat();
  const all = [...types.flatMap((type) => ['Content-Type', type]), ...headers];
  const selection = new RouteSelection(
    path === '/plain' ? plain : routes,
    { method, path, headers: all, isTrusted },
    LIMITS,
  );
  if (selection.refusal !== null) return `head ${selection.refusal.status}`;
  const { reader } = selection;
  const bytes = Buffer.from(body, 'latin1');
  const step = rest.chunkBytes ?? bytes.length;
  for (let at = 0; reader !== null && at < bytes.length; at += step)
    reader.write(bytes.subarray(at, at + step));
  reader?.end();
  const verdict: Verdict = reader?.verdict ?? 'pass';
  if (typeof verdict === 'object') return `refused ${verdict.status}`;
  return verdict === 'pass' ? (selection.match[0]?.name ?? 'none') : verdict;
}

const part = (head: string, value: string) =>
  `--${B}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
const end = `--${B}--\r\n`;
const LIST = 'rest_route=/wp/v2/posts';

describe('a urlencoded form', () => {
  it.each<[string, Posted, string]>([
    ['selects a rule', { body: LIST }, 'list'],
    ['next to other fields', { body: `a=1&${LIST}&_method=GET` }, 'list'],
    ['with escapes', { body: 'rest%5Froute=%2Fwp%2fv2%2Fposts' }, 'list'],
    ['by the spelling of PHP', { body: '+rest.route=/wp/v2/posts' }, 'list'],
    ['between semicolons', { body: `a=1;${LIST}` }, 'list'],
    ['at any path', { path: '/a/b?c=d', body: LIST }, 'list'],
    ['with another method', { method: 'PUT', body: LIST }, 'list'],
    ['in a GET with a body', { method: 'GET', headers: ['Content-Length', '9'], body: LIST }, 'list'],
    ['with a query of the same value', { path: `/?${LIST}`, body: LIST }, 'list'],
    ['without a media type', { type: [], body: LIST }, 'list'],
    [
      'in capitals, with a character set',
      { type: `${URLENCODED.toUpperCase()};Charset="UTF-8"`, body: LIST },
      'list',
    ],
    ['whose type PHP cuts at a comma', { type: `${URLENCODED},text/plain`, body: LIST }, 'head 400'],
    ['with two media types', { type: ['text/plain', URLENCODED], body: LIST }, 'head 400'],
    ['in another character set', { type: `${URLENCODED}; charset=utf-16`, body: LIST }, 'head 415'],
    ['in EBCDIC', { type: `${URLENCODED}; charset=ibm037`, body: LIST }, 'head 415'],
    ['compressed', { headers: ['content-encoding', 'gzip'], body: LIST }, 'head 415'],
    ['encoded as identity', { headers: ['content-encoding', 'identity'], body: LIST }, 'list'],
    ['over the bound', { body: LIST.padEnd(1_001, '&') }, 'refused 413'],
    ['as long as the bound', { body: LIST.padEnd(1_000, '&') }, 'list'],
    ['with two values for two rules', { body: `rest_route=/wp/v2/posts/1&${LIST}` }, 'refused 400'],
    ['with another value than the query', { path: '/?rest_route=/wp/v2/posts/1', body: LIST }, 'refused 400'],
    ['with another value that fits no rule', { body: `rest_route=/wp/v2/pages&${LIST}` }, 'refused 400'],
    ['without the parameter', { body: 'a=b' }, 'none'],
    ['is empty', { body: '' }, 'none'],
    ['is not read if no rule depends on it', { path: '/plain', body: 'x'.repeat(2_000) }, 'plain'],
    ['is not read of another type', { type: 'application/json', body: 'x'.repeat(2_000) }, 'none'],
  ])('%s', (_, posted, expected) => {
    expect(select(posted)).toBe(expected);
  });

  it.each<[string, Posted, string]>([
    ['by a field', { body: '_method=get' }, 'read'],
    ['by a field with escapes', { body: '_method=%67et' }, 'read'],
    ['by the query', { path: '/read?_method=GET' }, 'read'],
    [
      'by a header of a trusted proxy',
      { headers: ['X-HTTP-Method-Override', 'GET'], isTrusted: true },
      'read',
    ],
    ['by a header of any other peer', { headers: ['X-HTTP-Method-Override', 'GET'] }, 'none'],
    ['not at all', { body: 'a=b' }, 'none'],
  ])('asks for another method %s', (_, posted, expected) => {
    expect(select({ path: '/read', ...posted })).toBe(expected);
  });
});

describe('a multipart form', () => {
  it.each<[string, string, string]>([
    ['selects a rule', part('name="rest_route"', '/wp/v2/posts') + end, 'list'],
    ['without quotes', part('name=rest_route', '/wp/v2/posts') + end, 'list'],
    ['with an empty file name', part('name="rest_route"; filename=""', '/wp/v2/posts') + end, 'list'],
    [
      'after a file',
      part('name="f"; filename="a.bin"', 'x'.repeat(5_000)) + part('name="rest_route"', '/wp/v2/posts') + end,
      'list',
    ],
    ['in a file', part('name="rest_route"; filename="a"', '/wp/v2/posts') + end, 'none'],
    ['with fields over the bound', part('name="a"', 'x'.repeat(1_000)) + end, 'refused 413'],
    ['with heads over the bound', part('name="a"; filename="b"', '').repeat(40) + end, 'refused 413'],
    ['with a preamble', `x\r\n${part('name="a"', 'b')}${end}`, 'refused 400'],
    [
      'behind its end',
      part('name="a"', 'b') + end + part('name="rest_route"', '/wp/v2/posts') + end,
      'refused 400',
    ],
    ['without an end', part('name="rest_route"', '/wp/v2/posts'), 'refused 400'],
    [
      'with text that begins like a delimiter',
      part('name="rest_route"', `/wp/v2/posts\r\n--${B}x`) + end,
      'refused 400',
    ],
    [
      'with padding behind a delimiter',
      `--${B} \r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n${end}`,
      'refused 400',
    ],
    [
      'with bare line feeds',
      part('name="rest_route"', '/wp/v2/posts').replaceAll('\r', '') + end,
      'refused 400',
    ],
    ['with a folded line', part('x="y";\r\n name="rest_route"', '/wp/v2/posts') + end, 'refused 400'],
    ['with two names', part('name="a"; name="rest_route"', '/wp/v2/posts') + end, 'refused 400'],
    ['with an extended name', part("name*=utf-8''rest_route; name=a", '/wp/v2/posts') + end, 'refused 400'],
    ['with an escape in the name', part('name="rest\\_route"', '/wp/v2/posts') + end, 'refused 400'],
    [
      'in base64',
      part('name="rest_route"\r\nContent-Transfer-Encoding: base64', 'L3dwL3YyL3Bvc3Rz') + end,
      'refused 400',
    ],
    [
      'in UTF-16',
      part('name="rest_route"\r\nContent-Type: text/plain; charset=utf-16', 'x') + end,
      'refused 400',
    ],
    [
      'with the headers of a library',
      part(
        'name="rest_route"\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit',
        '/wp/v2/posts',
      ) + end,
      'list',
    ],
    ['is empty', '', 'none'],
    ['has no parts', end, 'none'],
  ])('%s', (_, body, expected) => {
    expect(select({ type: MULTIPART, body })).toBe(expected);
    expect(select({ type: MULTIPART, body, chunkBytes: 1 })).toBe(expected);
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=a,b',
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; boundary="a',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    `multipart/form-data; boundary=a;${' '.repeat(250)}`,
  ])('is refused as %s', (type) => {
    expect(formKindOf('POST', ['content-type', type])).toMatchObject({
      kind: 'refused',
      refusal: { status: 400 },
    });
  });

  it('is read the same for every division', () => {
    const field = fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 40 }));
    fc.assert(
      fc.property(
        fc.array(field, { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        (fields, chunkBytes) => {
          const clean = fields.filter(([, value]) => !value.includes('--'));
          const body = Buffer.from(
            clean.map(([name, value]) => part(`name="${name}"`, value)).join('') + end,
          );
          const seen: string[] = [];
          const limits = { maxBytes: 10_000, maxMs: 1 };
          const reader = formReader({ kind: 'multipart', boundary: B }, limits, (parameters) => {
            seen.push(...parameters.map(({ name, value }) => `${name}=${value.replaceAll('%25', '%')}`));
            return null;
          });
          for (let at = 0; at < body.length; at += chunkBytes)
            reader!.write(body.subarray(at, at + chunkBytes));
          reader!.end();
          expect(reader!.verdict).toBe('pass');
          expect(seen).toEqual(
            clean.map(([name, value]) => `${name}=${Buffer.from(value).toString('latin1')}`),
          );
        },
      ),
    );
  });

  it('takes a linear time for a field in chunks of one byte', () => {
    const reader = formReader(
      { kind: 'multipart', boundary: B },
      { maxBytes: 1_000_000, maxMs: 1 },
      () => null,
    )!;
    const body = Buffer.from(part('name="a"', 'x'.repeat(200_000)) + end);
    for (let at = 0; at < body.length; at++) reader.write(body.subarray(at, at + 1));
    reader.end();
    expect(reader.verdict).toBe('pass');
  });
});
