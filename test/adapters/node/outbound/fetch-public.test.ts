/** What the server of a public document does can neither hold the process up nor lead it into a private network. */

import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nodeFetchPublic } from '../../../../src/adapters/node/outbound/fetch-public.ts';
import { type HttpsServer, startHttpsServer } from './https-server.ts';

const LIMITS = { timeoutMs: 3_000, maxBytes: 65_536 };
const SHORT = { ...LIMITS, timeoutMs: 300 };

let server: HttpsServer;
beforeAll(async () => {
  server = await startHttpsServer('lists.example');
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.connections = 0;
  server.answer = (response) => void response.writeHead(404).end();
});

const onLoopback = async () => [{ address: '127.0.0.1', family: 4 }];
const fetchHere = (limits = LIMITS, etag: string | null = null, resolve = onLoopback) => {
  const { port, ca } = server;
  return nodeFetchPublic({ allowPrivate: true, resolve, port, ca })(
    `https://lists.example:${port}/bot.json`,
    limits,
    etag,
  );
};

describe('a document', () => {
  test('is returned with its ETag, media type and Cache-Control', async () => {
    server.answer = (response) =>
      void response
        .writeHead(200, { etag: '"a"', 'cache-control': 'max-age=60', 'content-type': 'application/json' })
        .end('{"a":"ä"}');
    const { body, ...rest } = await fetchHere();
    expect(Buffer.from(body).toString()).toBe('{"a":"ä"}');
    expect(rest).toEqual({
      ...{ status: 200, etag: '"a"', cacheControl: 'max-age=60', contentType: 'application/json' },
    });
    expect(server.requests[0]!.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(server.requests[0]!.headers).not.toHaveProperty('if-none-match');
  });

  test('that has not changed is a 304, if an ETag was given', async () => {
    server.answer = (response) => void response.writeHead(304).end();
    expect(await fetchHere(LIMITS, '"a"')).toMatchObject({ status: 304, body: new Uint8Array() });
    expect(server.requests[0]!.headers['if-none-match']).toBe('"a"');
    await expect(fetchHere()).rejects.toMatchObject({ code: 'status_refused' });
  });

  test('of exactly the limit is taken, and one byte more is refused', async () => {
    let length = 65_536;
    server.answer = (response) => void response.writeHead(200).end('x'.repeat(length));
    expect((await fetchHere()).body.length).toBe(65_536);
    length++;
    await expect(fetchHere()).rejects.toMatchObject({ code: 'too_large' });
  });
});

describe('a hostile server', () => {
  test('with an endless body costs the limit and one connection', async () => {
    let sent = 0;
    server.answer = (response) => {
      response.writeHead(200);
      const write = () => {
        while (response.writable) {
          sent += 10_000;
          if (!response.write('x'.repeat(10_000))) return void response.once('drain', write);
        }
      };
      write();
    };
    await expect(fetchHere()).rejects.toMatchObject({ code: 'too_large' });
    expect(server.connections).toBe(1);
    expect(sent).toBeLessThan(20_000_000);
  });

  test('that is silent, or sends a byte now and then, ends in time', async () => {
    server.answer = () => {};
    await expect(fetchHere(SHORT)).rejects.toMatchObject({ code: 'timeout' });
    server.answer = (response) => {
      response.writeHead(200);
      const slow = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(slow));
    };
    await expect(fetchHere(SHORT)).rejects.toMatchObject({ code: 'timeout' });
    expect(server.connections).toBe(2);
  });

  test('that redirects is not followed', async () => {
    server.answer = (response) => void response.writeHead(302, { location: '/elsewhere' }).end();
    await expect(fetchHere()).rejects.toMatchObject({ code: 'status_refused' });
    expect(server.requests).toHaveLength(1);
  });

  test('with a compressed body of any size is refused before the body is read', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    server.answer = (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    await expect(fetchHere()).rejects.toMatchObject({ code: 'coding_refused' });
  });

  test('that breaks off, or has another certificate, is unreachable', async () => {
    server.answer = (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('short', () => response.destroy());
    };
    await expect(fetchHere()).rejects.toMatchObject({ code: 'unreachable' });
    const { port } = server;
    const strict = nodeFetchPublic({ allowPrivate: true, resolve: onLoopback, port });
    await expect(strict(`https://lists.example:${port}/`, LIMITS)).rejects.toMatchObject({
      code: 'unreachable',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });

  test('whose name does not resolve in time ends in time', async () => {
    const never = () => new Promise<never>(() => {});
    await expect(fetchHere(SHORT, null, never)).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('a private network', () => {
  const connected: Socket[] = [];
  let port: number;
  const trap = createServer((socket) => {
    connected.push(socket);
    socket.destroy();
  });
  beforeAll(async () => {
    await new Promise<void>((done) => trap.listen(0, '::', done));
    port = (trap.address() as { port: number }).port;
  });
  afterAll(() => new Promise((done) => trap.close(done)));

  test.each([
    ['127.0.0.1'],
    ['::1'],
    ['169.254.169.254'],
    ['8.8.8.8', '127.0.0.1'],
    ['::ffff:10.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['100.64.0.1'],
    ['0.0.0.0'],
  ])('is not reached by a name that leads to %s %s', async (...addresses) => {
    const resolve = async () =>
      addresses.map((address) => ({ address: address ?? '', family: address?.includes(':') ? 6 : 4 }));
    const fetchPublic = nodeFetchPublic({ allowPrivate: false, resolve, port });
    await expect(fetchPublic(`https://rebind.example:${port}/`, LIMITS)).rejects.toMatchObject({
      code: 'address_refused',
    });
    expect(connected).toEqual([]);
  });

  test.each([
    'https://127.0.0.1:PORT/',
    'https://[::1]:PORT/',
    'https://2130706433:PORT/',
    'https://localhost:PORT/',
    'http://lists.example:PORT/',
    'https://lists.example/',
    'https://user@lists.example:PORT/',
    'not a URL',
  ])('or another scheme or port is refused by its URL: %s', async (url) => {
    const fetchPublic = nodeFetchPublic({ allowPrivate: false, resolve: onLoopback, port });
    await expect(fetchPublic(url.replace('PORT', String(port)), LIMITS)).rejects.toMatchObject({
      code: 'url_refused',
    });
    expect(connected).toEqual([]);
  });

  test('is not reached by a second answer of the resolver: a name is resolved once', async () => {
    let asked = 0;
    const resolve = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    server.answer = (response, request) => void response.writeHead(200).end(request.socket.localAddress);
    const { body } = await fetchHere(LIMITS, null, resolve);
    expect(asked).toBe(1);
    expect(Buffer.from(body).toString()).toBe('127.0.0.1');
  });
});
