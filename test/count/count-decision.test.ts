import { describe, expect, it } from 'vitest';
import { decide } from '../../src/count/count-decision.ts';
import { matchRoute } from '../../src/count/route/match.ts';
import { routesOf } from './rules.ts';

const routes = routesOf(
  { path: '/posts' },
  { path: '/users', posts: 'none' },
  { path: '/typed', contentType: 'application/json' },
  { path: '/text', format: 'text', posts: [{ text: 'response', kind: 'post' }] },
);

function outcome(head: {
  method?: string;
  status?: number;
  declared?: string;
  coding?: string;
  type?: string;
  path?: string;
}): string {
  const fields = { declaredCount: head.declared, contentType: head.type, contentEncoding: head.coding };
  const match = matchRoute(routes, head.method ?? 'GET', head.path ?? '/posts');
  const decision = decide(head.method ?? 'GET', head.status ?? 200, fields, match);
  switch (decision.kind) {
    case 'declared':
      return `declared ${decision.posts}`;
    case 'uncounted':
      return `uncounted ${decision.reason}`;
    case 'scan':
      return `scan ${decision.rule.name} ${decision.codings.join()}`.trim();
    default:
      return decision.kind;
  }
}

describe('the table of outcomes', () => {
  it.each([
    [{}, 'scan /posts'],
    [{ status: 201 }, 'scan /posts'],
    [{ status: 203 }, 'scan /posts'],
    [{ method: 'POST' }, 'scan /posts'],
    [{ path: '/other' }, 'none'],
    [{ path: '/users' }, 'none'],
    [{ path: '/typed', type: 'application/json; charset=utf-8' }, 'scan /typed'],
    [{ path: '/typed', type: 'text/html; charset=UTF-8' }, 'choice'],
    [{ path: '/typed', type: 'image/png' }, 'none'],
    [{ path: '/typed' }, 'choice'],
    [{ path: '/text' }, 'scan /text'],
    // The body does not distinguish an error from a post.
    [{ path: '/text', status: 404 }, 'none'],
    [{ method: 'HEAD' }, 'none'],
    [{ method: 'HEAD', declared: '5' }, 'none'],
    ...[100, 103, 204, 304].map((status): [object, string] => [{ status, declared: '5' }, 'none']),
    ...[205, 226, 301, 399, 400, 404, 418, 429, 500, 503, 599, 999].flatMap((status): [object, string][] => [
      [{ status, declared: '5' }, 'declared 5'],
      [{ status }, 'scan /posts'],
      [{ status, coding: 'compress' }, 'uncounted encoding'],
      [{ status, path: '/other' }, 'none'],
    ]),
    [{ status: 404, type: 'application/problem+json' }, 'none'],
    [{ status: 206, type: 'multipart/byteranges; boundary=a' }, 'uncounted partial'],
    [{ status: 206, type: 'multipart/byteranges; boundary=a', path: '/typed' }, 'uncounted partial'],
    [{ status: 206 }, 'uncounted partial'],
    [{ status: 206, path: '/other' }, 'none'],
    [{ status: 206, declared: '3' }, 'declared 3'],
    [{ declared: '0' }, 'declared 0'],
    [{ declared: ' 20 ' }, 'declared 20'],
    [{ declared: '20', path: '/other' }, 'declared 20'],
    [{ declared: '20', coding: 'unknown' }, 'declared 20'],
    ...['', '-1', '1.5', '1e3', '20,20', 'many', '9'.repeat(16), '0x10', '٣'].map(
      (declared): [object, string] => [{ declared }, 'uncounted declared_count'],
    ),
    [{ coding: 'gzip' }, 'scan /posts gzip'],
    [{ coding: ' X-GZIP , BR,' }, 'scan /posts gzip,br'],
    [{ coding: 'identity' }, 'scan /posts'],
    [{ coding: '' }, 'scan /posts'],
    [{ coding: 'UTF-8' }, 'scan /posts'],
    [{ coding: 'none' }, 'scan /posts'],
    [{ coding: 'binary' }, 'scan /posts'],
    [{ coding: 'ISO-8859-1, gzip' }, 'scan /posts gzip'],
    [{ coding: 'windows-1252' }, 'scan /posts'],
    [{ coding: 'gzip, compress' }, 'uncounted encoding'],
    [{ coding: 'br, br, br, br, br' }, 'uncounted encoding'],
    [{ coding: 'unknown', path: '/other' }, 'none'],
  ] satisfies Array<[object, string]>)('%o: %s', (head, expected) => {
    expect(outcome(head)).toBe(expected);
  });
});
