/** Requests and responses that are rare, but valid or seen in practice. */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Usage } from '../../../src/meter/usage.ts';
import { type GatewayRig, startGatewayRig } from './gateway-rig.ts';

const PAGE = '{"data":[{"id":1},{"id":2},{"id":3}]}';
const BODY_TIMEOUT_MS = 3_000;
const arrived: IncomingMessage['headers'][] = [];
const open = new Map<string, ServerResponse>();

function origin(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { url = '', headers, socket } = incoming;
  arrived.push(headers);
  const [, place, framing, what] = url.split('/');
  if (framing === '205') {
    const declared = what === 'declared' ? 'X-Post-Count: 3\r\n' : '';
    socket.end(`HTTP/1.1 205 Odd\r\n${declared}Content-Length: ${PAGE.length}\r\n\r\n${PAGE}`);
    return;
  }
  if (place === 'status') {
    socket.end(`HTTP/1.1 ${framing} Odd\r\nContent-Length: ${framing === '103' ? 0 : 2}\r\n\r\n`);
    return;
  }
  const length = framing === 'length' ? { 'content-length': 2 * PAGE.length } : {};
  const type = place === 'events' ? 'text/event-stream' : 'application/json';
  outgoing.writeHead(200, { 'content-type': type, ...(what === 'stalls' ? length : {}) });
  if (what !== 'stalls') outgoing.end(PAGE);
  else {
    outgoing.write(place === 'events' ? `data: ${PAGE}\n\n` : PAGE);
    open.set(url, outgoing);
  }
}

let rig: GatewayRig;
beforeAll(async () => {
  rig = await startGatewayRig(origin, {
    routes: [
      { path: '/events/**', format: 'sse', posts: [{ json: '$.data[*]' }] },
      { path: '/posts/**', posts: [{ json: '$.data[*]' }] },
    ],
    upstream: { bodyTimeoutMs: BODY_TIMEOUT_MS },
  });
});
afterAll(() => rig?.stop());
afterEach(async () => {
  arrived.length = 0;
  await rig.held();
});

/** Sends a request as written, and returns the whole response. */
async function raw(head: string, body = ''): Promise<string> {
  // The runtime responds on a half-closed connection, and then closes it.
  const socket = sent(head, body).end();
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

function sent(head: string, body = ''): Socket {
  const { hostname, port } = new URL(rig.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.write(`${head}\r\nHost: platform.test\r\nCF-Connecting-IP: 203.0.113.9\r\n\r\n${body}`);
  return socket;
}

const posts = async () => (await rig.held()).usage.reduce((sum, usage) => sum + usage.posts, 0);

describe('a GET or HEAD request', () => {
  it.each([
    ['Content-Length: 0', ''],
    ['Transfer-Encoding: chunked', '0\r\n\r\n'],
  ])('is forwarded with an empty body (%s)', async (field, body) => {
    expect(await raw(`GET /posts/any HTTP/1.1\r\n${field}`, body)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await raw(`HEAD /posts/any HTTP/1.1\r\n${field}`, body)).toMatch(/^HTTP\/1\.1 200 /);
    expect(arrived).toHaveLength(2);
    expect(await posts()).toBe(3);
  });

  it.each([
    ['Content-Length: 2', '{}'],
    ['Transfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'],
  ])('is refused with a body, and the client reads why (%s)', async (field, body) => {
    const answer = await raw(`GET /posts/any HTTP/1.1\r\n${field}`, body);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"request_body_not_carried"');
    expect(arrived).toEqual([]);
  });
});

describe('the forwarded request', () => {
  it('has all cookies in one field, separated by semicolons', async () => {
    await raw('GET /posts/any HTTP/1.1\r\nCookie: a=1\r\nCookie: b=2; c=x, y');
    expect(arrived[0]!.cookie).toBe('a=1; b=2; c=x, y');
  });

  it.each(['True-Client-IP', 'CF-Connecting-IPv6', 'CF-Visitor', 'CF-Worker', 'X-Client-IP'])(
    'has no %s of the client',
    async (name) => {
      await raw(`GET /posts/any HTTP/1.1\r\n${name}: 198.51.100.1`);
      // The runtime sets its own CF-Worker.
      expect(arrived[0]![name.toLowerCase()]).not.toBe('198.51.100.1');
    },
  );
});

it.each([
  ['103', 'interim'],
  ['600', 'cannot be forwarded'],
  ['999', 'cannot be forwarded'],
])('a response with the status %s becomes a 502, and the log says why', async (status, why) => {
  const answer = await raw(`GET /status/${status} HTTP/1.1`);
  expect(answer).toMatch(/^HTTP\/1\.1 502 /);
  expect(answer).toContain('"code":"upstream_bad_answer"');
  expect(rig.log.some((line) => line.includes(`status ${status} `) && line.includes(why))).toBe(true);
});

it.each(['/posts/205', '/posts/205/declared'])(
  '%s: a response with the status 205 has no body and no posts',
  async (path) => {
    const { message, body } = await rig.ask(path);
    expect([message.statusCode, body.length]).toEqual([205, 0]);
    expect((await rig.held()).usage).toMatchObject([{ posts: 0, requests: 1, bytes: 0 }]);
  },
);

describe('a body that stalls', () => {
  const PATHS = ['/posts/length', '/posts/chunked', '/other/length', '/other/chunked', '/events/chunked'];

  it('ends after bodyTimeoutMs in every mode of delivery, or at once if the client disconnects', async () => {
    const ended: string[] = [];
    const stalled = PATHS.map(async (path) => {
      await raw(`GET ${path}/stalls HTTP/1.1`);
      ended.push(path);
    });
    const leaving = ['/posts/length', '/posts/chunked'].map(async (place) => {
      const path = `${place}/stalls/left`;
      const socket = sent(`GET ${path} HTTP/1.1`).on('error', () => {});
      let text = '';
      if (place === '/posts/length') await vi.waitFor(() => expect(open.has(path)).toBe(true), 10_000);
      else while (!text.includes(PAGE)) text += (await once(socket, 'data'))[0];
      socket.resetAndDestroy();
      await once(open.get(path)!, 'close');
      ended.push('left');
    });
    await Promise.all([...stalled, ...leaving]);
    expect(ended.slice(0, 2)).toEqual(['left', 'left']);
    const usage: Usage[] = [];
    const requests = async () => {
      usage.push(...(await rig.held()).usage);
      return usage.reduce((sum, one) => sum + one.requests, 0);
    };
    // Usage may reach its object after the response has ended.
    await expect.poll(requests, { timeout: 10_000 }).toBe(PATHS.length + 2);
    // Nothing of a small body of known length was delivered, because it is delivered in one piece.
    expect(usage.reduce((sum, one) => sum + one.posts, 0)).toBe(3 + 3 + 3);
  });
});
