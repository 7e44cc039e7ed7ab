/** Connections that switch protocols, and requests that only claim to do so. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { metricOf, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { speak } from '../support/http/speak.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { postsPage } from './origin.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const IDLE_MS = 1_000;

let origin: Origin;
let sockets: WebSocketServer;
let database: FreshDatabase;
let gateway: GatewayProcess;
const seen: IncomingMessage[] = [];
/** Connections that the origin has switched and not yet lost. */
const switched = new Set<Duplex>();

beforeAll(async () => {
  sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  origin = await startOrigin(answer, { onUpgrade });
  database = await freshDatabase('upgrade');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: {
      bucketSeconds: 1,
      routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
      listen: { keepAliveTimeoutMs: IDLE_MS, headersTimeoutMs: IDLE_MS, idleTimeoutMs: IDLE_MS },
      upstream: { headersTimeoutMs: 3_000, bodyTimeoutMs: IDLE_MS },
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await database?.drop();
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  seen.push(request);
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(request.method === 'POST' ? JSON.stringify({ body }) : postsPage(3));
  });
}

function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  seen.push(request);
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  const refuse = (text: string) => socket.end(text.replaceAll('\n', '\r\n'));
  switch (request.url) {
    case '/refused':
      return void refuse('HTTP/1.1 401 Unauthorized\nX-Why: no\nContent-Length: 8\n\nno entry');
    case '/posts':
      return void refuse(
        `HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: ${postsPage(7).length}\n\n${postsPage(7)}`,
      );
    case '/stream':
      // Never ends by itself.
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n');
      return;
    case '/silent':
      switched.add(socket);
      socket.on('close', () => switched.delete(socket));
      socket.resume();
      return;
    case '/broken':
      return void socket.destroy();
    case '/odd':
      switched.add(socket);
      socket.on('close', () => switched.delete(socket));
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: odd/1\r\nX-Post-Count: 5\r\n\r\nhello ${head.toString()}`,
      );
      return void socket.pipe(socket);
    case '/last-words':
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: odd/1\r\n\r\n');
      return void socket.end(Buffer.alloc(8_000_000, 'w'));
    default:
      sockets.handleUpgrade(request, socket, head, (ws) => {
        switched.add(socket);
        socket.on('close', () => switched.delete(socket));
        ws.on('message', (data, isBinary) => {
          if (String(data) === 'close me') ws.close(4_321, 'as you wish');
          else ws.send(data, { binary: isBinary });
        });
      });
  }
}

const wsUrl = (path: string): string => `${gateway.url.replace('http', 'ws')}${path}`;

async function open(path = '/ws', options: import('ws').ClientOptions = {}): Promise<WebSocket> {
  const ws = new WebSocket(wsUrl(path), options);
  await once(ws, 'open');
  return ws;
}

const upgradeTo = (path: string, protocol: string, ...more: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: a', 'Connection: Upgrade', `Upgrade: ${protocol}`, ...more, '', ''].join(
    '\r\n',
  );

describe('a WebSocket', () => {
  it('carries messages both ways, including large ones', async () => {
    const ws = await open();
    for (const size of [0, 1, 125, 65_536, 5_000_000]) {
      const message = Buffer.alloc(size, 'abc');
      ws.send(message);
      const [back] = (await once(ws, 'message')) as [Buffer];
      expect(back.equals(message)).toBe(true);
    }
    ws.close(1_000);
    await once(ws, 'close');
  });

  it('passes the close code and reason of either side to the other', async () => {
    const ws = await open();
    ws.send('close me');
    const [code, reason] = (await once(ws, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4_321, 'as you wish']);
    const server = once(sockets, 'connection').catch(() => {});
    const other = await open();
    other.close(4_000, 'bye');
    const [back] = (await once(other, 'close')) as [number];
    expect(back).toBe(4_000);
    void server;
  });

  it('is forwarded with the forwarding fields and its own', async () => {
    const ws = await open('/ws?x=%2f', { headers: { 'x-end': '1' }, origin: 'http://page.example' });
    const { headers, url } = seen.at(-1)!;
    expect(url).toBe('/ws?x=%2f');
    expect(headers).toMatchObject({
      'x-end': '1',
      'x-forwarded-for': '127.0.0.1',
      via: '1.1 postmeter',
      origin: 'http://page.example',
      upgrade: 'websocket',
    });
    expect(headers['sec-websocket-key']).toBeDefined();
    ws.terminate();
  });

  it('stays open without traffic, beyond every time-out of requests', async () => {
    const ws = await open();
    await sleep(3.5 * IDLE_MS);
    ws.send('still here');
    expect(String((await once(ws, 'message'))[0])).toBe('still here');
    ws.terminate();
  });

  it('ends at the upstream when the client disconnects, and vice versa', async () => {
    await expect.poll(() => switched.size).toBe(0);
    const ws = await open();
    expect(switched.size).toBe(1);
    ws.terminate();
    await expect.poll(() => switched.size).toBe(0);
    const other = await open();
    for (const socket of switched) socket.destroy();
    const [code] = (await once(other, 'close')) as [number];
    expect(code).toBe(1_006);
  });

  it('is one request without posts for the client', async () => {
    const localAddress = '127.0.0.31';
    const ws = await open('/ws', { localAddress });
    ws.send('{"data":[{},{},{}]}');
    await once(ws, 'message');
    ws.terminate();
    await expect
      .poll(() => usageOf(gateway, `addr:${localAddress}`), { timeout: 30_000 })
      .toEqual({ posts: 0, requests: 1, refused: 0, uncounted: 0 });
  });

  it('with an unknown key is a 401 and never reaches the upstream', async () => {
    const before = seen.length;
    const ws = new WebSocket(wsUrl('/ws'), { headers: { authorization: 'Bearer nobody' } });
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(401);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(seen.length).toBe(before);
  });
});

describe('a protocol other than WebSocket', () => {
  it('passes, with the bytes that arrived with the request and the response', async () => {
    const { text } = await speak(gateway.url, [`${upgradeTo('/odd', 'odd/1')}early `, 'later']);
    expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(text).toMatch(/^Upgrade: odd\/1\r$/m);
    expect(
      text
        .slice(text.indexOf('\r\n\r\n') + 4)
        .replace('hello ', '')
        .replace('early ', ''),
    ).toContain('later');
    expect(text).toContain('early ');
    expect(text.toLowerCase()).not.toContain('x-post-count');
  });

  it('delivers the last bytes of an upstream that closes to a client that reads slowly', async () => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(upgradeTo('/last-words', 'odd/1'));
    await once(socket, 'readable');
    await sleep(500);
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    await once(socket, 'end');
    expect(bytes).toBeGreaterThanOrEqual(8_000_000);
    socket.destroy();
  });
});

describe('an upgrade that the upstream refuses', () => {
  it('passes on the refusal with its fields and body', async () => {
    const { text, closed } = await speak(gateway.url, upgradeTo('/refused', 'websocket'));
    expect(text).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(text).toMatch(/^X-Why: no\r$/m);
    expect(text.endsWith('\r\n\r\nno entry')).toBe(true);
    expect(closed).toBe(true);
  });

  it('does not bypass the meter', async () => {
    const localAddress = '127.0.0.32';
    const { text } = await speak(gateway.url, upgradeTo('/posts', 'websocket'), { localAddress });
    expect(text.endsWith(postsPage(7))).toBe(true);
    await expect
      .poll(() => usageOf(gateway, `addr:${localAddress}`), { timeout: 30_000 })
      .toEqual({ posts: 7, requests: 1, refused: 0, uncounted: 0 });
  });

  it('streams what the upstream streams, without a chunk of delay', async () => {
    const { text } = await speak(gateway.url, upgradeTo('/stream', 'websocket'));
    expect(text).toContain('data: first\n\n');
  });

  it('is a 502 if the upstream breaks off, and a 504 if it is silent', async () => {
    expect((await speak(gateway.url, upgradeTo('/broken', 'websocket'))).statuses).toEqual([502]);
    const silent = await speak(gateway.url, upgradeTo('/silent', 'websocket'), { quietMs: 6_000 });
    // The idle time-out on the client's side is the shorter one here.
    expect([[504], []]).toContainEqual(silent.statuses);
    expect(silent.closed).toBe(true);
    await expect.poll(() => switched.size).toBe(0);
  });
});

describe('an upgrade that the gateway does not support', () => {
  it('a request for h2c is served as HTTP/1.1, and the connection stays open', async () => {
    const first = upgradeTo('/posts', 'h2c', 'HTTP2-Settings: AAMAAABk').replace(
      'Connection: Upgrade',
      'Connection: Upgrade, HTTP2-Settings',
    );
    const { statuses, text } = await speak(
      gateway.url,
      `${first}GET /posts?second HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    expect(statuses).toEqual([200, 200]);
    expect(text.split(postsPage(3)).length).toBe(3);
    expect(seen.at(-2)!.headers).not.toHaveProperty('http2-settings');
    expect(seen.at(-2)!.headers).not.toHaveProperty('upgrade');
  });

  it.each([
    ['declared', 'Content-Length: 5', 'hello'],
    ['chunked', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
  ])('its body is served too, %s, at once or late', async (_how, field, body) => {
    for (const protocol of ['h2c', 'websocket']) {
      const head = upgradeTo('/echo', protocol, field).replace('GET', 'POST');
      for (const parts of [[head + body], [head, body], [head + body.slice(0, 3), body.slice(3)]]) {
        const { statuses, text } = await speak(gateway.url, parts);
        expect(statuses).toEqual([200]);
        expect(text).toContain('{"body":"hello"}');
      }
    }
  });

  it('curl --http2 gets its posts', async () => {
    const run = promisify(execFile);
    const { stdout } = await run('curl', ['-s', '--http2', '--max-time', '10', `${gateway.url}/posts`]);
    expect(stdout).toBe(postsPage(3));
    const posted = await run('curl', [
      '-s',
      '--http2',
      '--max-time',
      '10',
      '-d',
      'hello',
      `${gateway.url}/echo`,
    ]);
    expect(posted.stdout).toBe('{"body":"hello"}');
  });
});

describe('at shutdown', () => {
  it('nothing is left in flight', async () => {
    await expect.poll(() => metricOf(gateway, 'postmeter_requests_in_flight'), { timeout: 30_000 }).toBe(0);
    expect(gateway.process.exitCode).toBeNull();
  });

  it('a stop does not wait for open WebSockets longer than configured', async () => {
    const own = await startGatewayProcess({
      upstream: origin.url,
      env: { DATABASE_URL: database.url },
      config: { listen: { stopTimeoutMs: 1_000 } },
    });
    const ws = new WebSocket(`${own.url.replace('http', 'ws')}/ws`);
    await once(ws, 'open');
    const closed = once(ws, 'close');
    expect(await own.stop()).toBe(0);
    await closed;
  });
});
