/**
 * Guarantees that other reverse proxies give for one hop, with one test for each. The checklist comes from the test
 * suites of fastify-reply-from, http-proxy-3 and nginx. Every row gives the bytes that one side sends and the bytes
 * that the other receives.
 */

import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { dial, type RawResponse, ResponseReader } from '../support/http/response-reader.ts';
import { type RecordingOrigin, startRecordingOrigin } from '../support/origins/bytes.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { until } from '../support/until.ts';

let origin: RecordingOrigin;
let database: FreshDatabase;
let gateway: GatewayProcess;

beforeAll(async () => {
  origin = await startRecordingOrigin();
  database = await freshDatabase('hop_conformance');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: { routes: [], upstream: { headersTimeoutMs: 1_000 } },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await database?.drop();
});

const lines = (...parts: string[]): string => `${parts.join('\r\n')}\r\n\r\n`;
const request = (line: string, ...fields: string[]): string =>
  lines(`${line} HTTP/1.1`, 'Host: p.example', ...fields);
const ok = (body = '', ...fields: string[]): string =>
  `${lines('HTTP/1.1 200 OK', `Content-Length: ${body.length}`, ...fields)}${body}`;

let paths = 0;
/** A path that no other test uses. */
const freshPath = (): string => `/row/${++paths}`;

/** Sends bytes on a new connection and reads the response. A second request must then be served on it. */
async function exchange(text: string, { isHead = false, isLast = false } = {}): Promise<RawResponse> {
  const client = dial(gateway.url);
  const reader = new ResponseReader(client);
  client.write(text, 'latin1');
  const answer = await reader.next(isHead);
  if (!isLast) {
    client.write(request('GET /second'));
    expect((await reader.next()).status).toBe(200);
    expect(reader.unread.length).toBe(0);
  }
  client.destroy();
  return answer;
}

/** All values of a field, in received order. */
const valuesOf = (head: string, name: string): string[] =>
  [...head.matchAll(new RegExp(`^${name}: ?(.*)\r$`, 'gim'))].map((found) => found[1]!);
const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

describe('the request reaches the platform with', () => {
  it.each([
    '//two//slashes/',
    '/a/../b/./c',
    '/%2e%2e/%2F%zz',
    '/a;b=c/d,e',
    '/a?',
    '/a?x=1&x=2&y',
    '/a?q=%20+%C3%A9&url=http://b/c?d',
    "/a?x='()*!~$@:",
    `/long?${'q=1&'.repeat(1_500)}`,
  ])('its target unchanged: %s', async (target) => {
    await exchange(request(`GET ${target}`));
    expect(origin.requests.some((text) => text.startsWith(`GET ${target} HTTP/1.1\r\n`))).toBe(true);
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT', 'QUERY'])(
    'its method and its body: %s',
    async (method) => {
      const path = freshPath();
      await exchange(`${request(`${method} ${path}`, 'Content-Length: 11')}hello world`);
      const heard = origin.lastFor(path);
      expect(heard.startsWith(`${method} ${path} `)).toBe(true);
      expect(bodyOf(heard)).toBe('hello world');
      expect(valuesOf(heard, 'content-length')).toEqual(['11']);
    },
  );

  it.each(['GET', 'DELETE', 'OPTIONS'])('no framing field if there is no body: %s', async (method) => {
    const path = freshPath();
    await exchange(request(`${method} ${path}`));
    expect(origin.lastFor(path)).not.toMatch(/^(content-length|transfer-encoding):/im);
  });

  it('the length of an empty body', async () => {
    const path = freshPath();
    await exchange(request(`POST ${path}`, 'Content-Length: 0'));
    expect(valuesOf(origin.lastFor(path), 'content-length')).toEqual(['0']);
  });

  it('a chunked body with any chunk sizes, without its extensions and trailers', async () => {
    const path = freshPath();
    await exchange(
      `${request(`POST ${path}`, 'Transfer-Encoding: chunked')}5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Late: 1\r\n\r\n`,
    );
    const heard = origin.lastFor(path);
    expect(valuesOf(heard, 'transfer-encoding')).toEqual(['chunked']);
    expect(bodyOf(heard).replaceAll(/(^|\r\n)[0-9a-f]+\r\n/gi, '')).toContain('hello world');
    expect(heard).not.toMatch(/x-late|ext=1/i);
  });

  it('every end-to-end field in its order and letter case, including repeated, empty and latin1 ones', async () => {
    const path = freshPath();
    const fields = [
      'X-B: 1',
      'x-a: 2',
      'X-B: 3',
      'X-Empty:',
      'X-Latin: caf\xe9',
      '__proto__: x',
      'constructor: y',
    ];
    await exchange(request(`GET ${path}`, ...fields, 'Content-Type: a/b; c="d"; charset=utf-8'));
    const heard = origin.lastFor(path);
    const at = [...fields, 'Content-Type: a/b; c="d"; charset=utf-8'].map((field) =>
      heard.search(new RegExp(`^${field.replace(/:$/, ': ?')}\r$`, 'm')),
    );
    expect(at.every((place) => place > 0)).toBe(true);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });

  it('no hop-by-hop field', async () => {
    const path = freshPath();
    await exchange(
      request(
        `GET ${path}`,
        'Connection: keep-alive, X-Secret',
        'X-Secret: 1',
        'Keep-Alive: timeout=5',
        'Proxy-Connection: keep-alive',
        'Upgrade: h2c',
        'TE: gzip',
        'Trailer: X-Late',
      ),
    );
    expect(origin.lastFor(path)).not.toMatch(/^(x-secret|keep-alive|proxy-connection|upgrade|te|trailer):/im);
  });

  it("the client's Host and true address, regardless of the forwarding fields that the client sends", async () => {
    const path = freshPath();
    await exchange(
      request(
        `GET ${path}`,
        'X-Forwarded-For: 1.2.3.4',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: evil',
      ),
    );
    const heard = origin.lastFor(path);
    expect(valuesOf(heard, 'host')).toEqual(['p.example']);
    expect(valuesOf(heard, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf(heard, 'x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf(heard, 'x-forwarded-host')).toEqual(['p.example']);
  });

  it('its body after 100 Continue, which the gateway sends itself', async () => {
    const path = freshPath();
    const client = dial(gateway.url);
    const reader = new ResponseReader(client);
    client.write(request(`POST ${path}`, 'Expect: 100-continue', 'Content-Length: 5'));
    expect((await reader.next()).status).toBe(100);
    client.write('hello');
    expect((await reader.next()).status).toBe(200);
    client.destroy();
    expect(bodyOf(origin.lastFor(path))).toBe('hello');
    expect(origin.lastFor(path)).not.toMatch(/^expect:/im);
  });

  it('a kept-alive connection that the next request reuses', async () => {
    const path = freshPath();
    const ports = new Set<number | undefined>();
    origin.answers.set(path, (socket) => {
      ports.add(socket.remotePort);
      socket.write(ok('x'));
    });
    for (let asked = 0; asked < 3; asked++) await exchange(request(`GET ${path}`));
    expect(ports.size).toBe(1);
  });
});

interface Row {
  readonly name: string;
  readonly answer: string | ((socket: Socket) => void);
  readonly status?: number;
  readonly body?: string;
  /** Each must match the head that the client receives. */
  readonly head?: readonly RegExp[];
  /** None may match the head. */
  readonly never?: readonly RegExp[];
  readonly trailers?: string;
  readonly method?: string;
}

const ZIPPED = gzipSync('zipped').toString('latin1');
const byteByByte = (text: string) => async (socket: Socket) => {
  for (const byte of text) {
    socket.write(byte, 'latin1');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};
const inTwo = (first: string, second: string) => (socket: Socket) => {
  socket.write(first);
  setTimeout(() => socket.end(second), 60);
};

const ROWS: readonly Row[] = [
  ...[200, 201, 202, 206, 400, 401, 404, 418, 429, 451, 500, 503, 599].map((status) => ({
    name: `status ${status}`,
    answer: ok('body').replace('200 OK', `${status} Odd Reason`),
    status,
    body: 'body',
    head: [new RegExp(`^HTTP/1\\.1 ${status} Odd Reason\r`)],
  })),
  { name: 'an empty reason phrase', answer: ok('x').replace('200 OK', '200 '), status: 200, body: 'x' },
  ...[301, 302, 303, 307, 308].map((status) => ({
    name: `a redirect ${status} without following it`,
    answer: ok('', 'Location: http://other.example/a?b').replace('200 OK', `${status} Moved`),
    status,
    head: [/^Location: http:\/\/other\.example\/a\?b\r$/m],
  })),
  {
    name: 'each Set-Cookie as a separate field',
    answer: ok('', 'Set-Cookie: a=1; Path=/', 'Set-Cookie: b=2', 'set-cookie: c=3, d'),
    head: [/^Set-Cookie: a=1; Path=\/\r\nSet-Cookie: b=2\r\nset-cookie: c=3, d\r$/m],
  },
  {
    name: 'fields of caches, servers and origins unchanged',
    answer: ok(
      '',
      'Server: odd/1',
      'Date: Tue, 01 Jan 2019 00:00:00 GMT',
      'ETag: W/"a"',
      'Age: 3',
      'X-Latin: \xe9',
    ),
    head: [
      /^Server: odd\/1\r$/m,
      /^Date: Tue, 01 Jan 2019 00:00:00 GMT\r$/m,
      /^ETag: W\/"a"\r$/m,
      /^X-Latin: \xe9\r$/m,
    ],
  },
  {
    name: 'no hop-by-hop field',
    answer: ok(
      'x',
      'Connection: keep-alive, X-Secret',
      'X-Secret: 1',
      'Keep-Alive: timeout=99',
      'Upgrade: h2c',
    ),
    never: [/x-secret/i, /timeout=99/, /h2c/],
    body: 'x',
  },
  {
    name: 'a compressed body byte for byte',
    answer: ok(ZIPPED, 'Content-Encoding: gzip'),
    head: [/^Content-Encoding: gzip\r$/m],
    body: ZIPPED,
  },
  {
    name: 'a chunked body with extensions and trailers',
    answer: `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Trailer: X-Sum')}2;a=b\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n`,
    head: [/^Trailer: X-Sum\r$/m],
    body: 'ok',
    trailers: 'X-Sum: 1\r\n',
  },
  {
    name: 'a body that ends with the connection, in several packets',
    answer: inTwo(`${lines('HTTP/1.1 200 OK', 'Connection: close')}SEE-THIS`, 'AND-THIS'),
    body: 'SEE-THISAND-THIS',
  },
  {
    name: 'an HTTP/1.0 response',
    answer: inTwo(lines('HTTP/1.0 200 OK', 'Content-Type: text/plain'), 'old'),
    head: [/^HTTP\/1\.1 200 OK\r/],
    body: 'old',
  },
  { name: 'a response that arrives byte by byte', answer: byteByByte(ok('slow', 'X-A: b')), body: 'slow' },
  {
    name: 'a chunked response that arrives byte by byte',
    answer: byteByByte(
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}2\r\nok\r\n1\r\n!\r\n0\r\n\r\n`,
    ),
    body: 'ok!',
  },
  { name: 'a body of length 0', answer: ok(''), body: '', head: [/^Content-Length: 0\r$/m] },
  {
    name: '204 without a body or a length',
    answer: lines('HTTP/1.1 204 No Content', 'X-A: b'),
    status: 204,
    never: [/^(content-length|transfer-encoding):/im],
  },
  {
    name: '304 with the length of the body that it does not have',
    answer: lines('HTTP/1.1 304 Not Modified', 'Content-Length: 1000', 'ETag: "a"'),
    status: 304,
    head: [/^ETag: "a"\r$/m],
  },
  {
    name: 'the length for HEAD, without the body',
    method: 'HEAD',
    answer: lines('HTTP/1.1 200 OK', 'Content-Length: 1000'),
    head: [/^Content-Length: 1000\r$/m],
  },
  {
    name: 'the final response after 100 and 102',
    answer: `${lines('HTTP/1.1 100 Continue')}${lines('HTTP/1.1 102 Processing')}${ok('x')}`,
    body: 'x',
  },
  {
    name: 'a 502 for bytes that are not HTTP',
    answer: (socket) => void socket.end('nonsense\r\n\r\n'),
    status: 502,
    head: [/^content-type: application\/problem\+json\r$/im],
  },
  {
    name: 'a 502 for a connection that closes without a response',
    answer: (socket) => void socket.end(),
    status: 502,
  },
  { name: 'a 504 for a response that does not arrive in time', answer: () => {}, status: 504 },
];

describe('the response reaches the client with', () => {
  it.each(ROWS)(
    '$name',
    async ({ answer, status = 200, body, head = [], never = [], trailers = '', method = 'GET' }) => {
      const path = freshPath();
      origin.answers.set(path, answer);
      const received = await exchange(request(`${method} ${path}`), { isHead: method === 'HEAD' });
      expect(received.status).toBe(status);
      for (const field of head) expect(received.head).toMatch(field);
      for (const field of never) expect(received.head).not.toMatch(field);
      if (body !== undefined) expect(received.body.toString('latin1')).toBe(body);
      expect(received.trailers).toBe(trailers);
    },
  );

  it('early hints before it, and their fields again in the final response', async () => {
    const path = freshPath();
    origin.answers.set(path, `${lines('HTTP/1.1 103 Early Hints', 'Link: </a.css>; rel=preload')}${ok('x')}`);
    const client = dial(gateway.url);
    const reader = new ResponseReader(client);
    client.write(request(`GET ${path}`));
    const hints = await reader.next();
    expect([hints.status, valuesOf(hints.head, 'link')]).toEqual([103, ['</a.css>; rel=preload']]);
    expect((await reader.next()).body.toString()).toBe('x');
    client.destroy();
  });

  it('its first bytes before its last are sent', async () => {
    const path = freshPath();
    let platform: Socket | undefined;
    origin.answers.set(path, (socket) => {
      platform = socket;
      socket.write(`${lines('HTTP/1.1 200 OK', 'Content-Type: text/event-stream')}data: 1\n\n`);
    });
    const client = dial(gateway.url);
    let heard = '';
    client.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    client.write(request(`GET ${path}`));
    await until('the first event', () => heard.includes('data: 1\n\n'));
    platform!.end('data: 2\n\n');
    await until('the end', () => heard.endsWith('0\r\n\r\n'));
    client.destroy();
  });

  it('a visible cut if the platform breaks off', async () => {
    for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      const path = freshPath();
      origin.answers.set(path, (socket) => {
        socket.write(`${lines('HTTP/1.1 200 OK', framing)}5\r\nhello\r\n`);
        setTimeout(() => socket.destroy(), 30);
      });
      await expect(exchange(request(`GET ${path}`), { isLast: true })).rejects.toThrow(/closed/);
    }
  });

  it('no repetition of a POST, and a repeated GET on a kept-alive connection', async () => {
    const path = freshPath();
    let asked = 0;
    origin.answers.set(path, (socket) => {
      asked++;
      socket.destroy();
    });
    const posted = await exchange(`${request(`POST ${path}`, 'Content-Length: 1')}x`);
    expect([posted.status, asked]).toEqual([502, 1]);
  });

  it('the end of the connection if the client requests it or speaks HTTP/1.0', async () => {
    for (const text of [request('GET /second', 'Connection: close'), 'GET /second HTTP/1.0\r\n\r\n']) {
      const client = dial(gateway.url);
      const reader = new ResponseReader(client);
      client.write(text);
      const { head } = await reader.next();
      expect(head).toMatch(/^connection: close\r$/im);
      await expect(reader.next()).rejects.toThrow(/closed/);
    }
  });

  it('an early refusal of an upload, before its end', async () => {
    const path = freshPath();
    const client = dial(gateway.url);
    const reader = new ResponseReader(client);
    origin.answers.set(path, ok());
    client.write(`${request(`POST ${path}`, 'Content-Length: 99999999999')}x`);
    expect((await reader.next()).status).toBe(413);
    client.destroy();
  });
});

it('the request at the platform cancelled if the client leaves', async () => {
  const path = freshPath();
  let isClosed = false;
  origin.answers.set(path, (socket) => {
    socket.write(lines('HTTP/1.1 200 OK', 'Content-Length: 100'));
    socket.on('close', () => {
      isClosed = true;
    });
  });
  const client = dial(gateway.url);
  client.write(request(`GET ${path}`));
  await until('the platform receives the request', () => origin.lastFor(path) !== '');
  client.destroy();
  await until('its connection is closed', () => isClosed);
});
