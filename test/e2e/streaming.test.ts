/** Bodies of any size in bounded memory, and the behaviour when either side stops, breaks off or responds early. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { metricOf, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { speak } from '../support/http/speak.ts';
import { type RecordingOrigin, startRecordingOrigin } from '../support/origins/bytes.ts';
import { startOrigin as startHttpOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MB = 1_000_000;
const LARGE_BYTES = 300 * MB;
/**
 * Allowed growth of the process while hundreds of megabytes are held or pass through: a young heap and a few buffers.
 */
const GROWTH_BYTES = 120 * MB;
const MAX_UPLOAD_BYTES = 500 * MB;

const POST = Buffer.from(`{"id":"1","text":"${'x'.repeat(979)}"},`);
const POSTS_IN_LARGE = LARGE_BYTES / POST.length;

let origin: Awaited<ReturnType<typeof startStreamingOrigin>>;
let raw: RecordingOrigin;
let database: FreshDatabase;
let gateway: GatewayProcess;
let rawGateway: GatewayProcess;

beforeAll(async () => {
  origin = await startStreamingOrigin();
  raw = await startRecordingOrigin();
  database = await freshDatabase('streaming');
  const config = {
    bucketSeconds: 1,
    routes: [{ path: '/posts/**', posts: [{ json: '$.data[*]' }] }],
    listen: { maxRequestBodyBytes: MAX_UPLOAD_BYTES },
  };
  const env = { DATABASE_URL: database.url };
  gateway = await startGatewayProcess({ upstream: origin.url, env, config });
  // Uses one connection, because a repeated request goes out on a fresh one and not on another of the same age.
  rawGateway = await startGatewayProcess({
    upstream: raw.url,
    env,
    config: { upstream: { connections: 1 } },
  });
});

afterAll(async () => {
  await Promise.all([gateway?.stop(), rawGateway?.stop()]);
  await Promise.all([origin?.stop(), raw?.stop()]);
  await database?.drop();
});

function* largePage(): Generator<Buffer> {
  const many = Buffer.alloc(100 * POST.length, POST);
  yield Buffer.from('{"data":[');
  for (let posts = 0; posts < POSTS_IN_LARGE - 100; posts += 100) yield many;
  yield many.subarray(0, many.length - 1);
  yield Buffer.from(']}');
}

/** Both have a depth of 100,000: one next to the posts, one in a post. */
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const PAGES: Record<string, string> = {
  '/posts/deep-beside': `{"deep":${DEEP},"data":[{},{},{}],"more":${DEEP.replaceAll('[', '{"a":[').replaceAll(']', ']}')}}`,
  '/posts/deep-inside': `{"data":[{},{"a":${DEEP}},{}]}`,
};

async function startStreamingOrigin() {
  const state = { uploaded: 0, read: false, aborted: 0, sent: 0 };
  const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    '/posts/large': async (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      state.sent = 0;
      const counted = (function* () {
        for (const chunk of largePage()) {
          state.sent += chunk.length;
          yield chunk;
        }
      })();
      await pipeline(Readable.from(counted, { objectMode: false }), response).catch(() => {});
    },
    '/upload': async (request, response) => {
      state.uploaded = 0;
      request.on('close', () => {
        if (!request.complete) state.aborted++;
      });
      while (!state.read) await sleep(50);
      request.on('data', (chunk: Buffer) => {
        state.uploaded += chunk.length;
      });
      request.on('end', () => response.end(String(state.uploaded)));
    },
    '/too-large': (_request, response) => {
      response.writeHead(413, { 'content-type': 'text/plain' }).end('too large for us');
    },
    '/posts/trailers': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', trailer: 'X-Sum' });
      response.write('{"data":[{},{}');
      response.addTrailers({ 'X-Sum': 'abc' });
      setTimeout(() => response.end(']}'), 50);
    },
    '/cookies': (request, response) => {
      const names = Array.from({ length: 100 }, (_, i) => `c${i}=${'v'.repeat(20)}; Path=/`);
      response.writeHead(200, { 'set-cookie': names, 'x-received': String(request.headers.cookie?.length) });
      response.end();
    },
    '/slow': async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      for (let i = 0; i < 20; i++) {
        response.write(`${i} `);
        await sleep(100);
      }
      response.end('done');
    },
  };
  const { url, stop } = await startHttpOrigin((request, response) => {
    const found = answers[request.url!] ?? null;
    const page = PAGES[request.url!];
    if (page !== undefined) response.writeHead(200, { 'content-type': 'application/json' }).end(page);
    else if (found !== null) void found(request, response);
    else response.writeHead(Number(request.url!.slice(1)) || 200, { 'x-kept': 'yes' }).end();
  });
  return Object.assign(state, { url, stop });
}

function rssBytes(gateway: GatewayProcess): number {
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

/** The maximum growth of the process while `during` ran. */
async function growthOf(gateway: GatewayProcess, during: () => Promise<void>): Promise<number> {
  const before = rssBytes(gateway);
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, rssBytes(gateway));
  }, 50);
  await during().finally(() => clearInterval(watch));
  return most - before;
}

describe('a large body in bounded memory', () => {
  it('reaches a client that does not read for a while, and is counted exactly', async () => {
    const localAddress = '127.0.0.41';
    let received = 0;
    let sentWhileStanding = 0;
    const growth = await growthOf(gateway, async () => {
      const request = httpRequest(`${gateway.url}/posts/large`, { localAddress, agent: false }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await sleep(2_000);
      sentWhileStanding = origin.sent;
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      await once(response, 'end');
    });
    expect(received).toBe(origin.sent);
    // The sockets of four ends have buffers. The rest stayed at its source.
    expect(sentWhileStanding).toBeLessThan(LARGE_BYTES / 4);
    expect(growth).toBeLessThan(GROWTH_BYTES);
    await expect
      .poll(() => usageOf(gateway, `addr:${localAddress}`), { timeout: 30_000 })
      .toEqual({ posts: POSTS_IN_LARGE, requests: 1, refused: 0, uncounted: 0 });
  });

  it('reaches an upstream that does not read for a while', async () => {
    origin.read = false;
    let sent = 0;
    let sentWhileStanding = 0;
    const block = Buffer.alloc(100_000, 'u');
    const growth = await growthOf(gateway, async () => {
      const request = httpRequest(`${gateway.url}/upload`, { method: 'POST', agent: false });
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      const done = pipeline(
        Readable.from(
          (function* () {
            for (; sent < LARGE_BYTES; sent += block.length) yield block;
          })(),
          { objectMode: false },
        ),
        request,
      );
      await sleep(2_000);
      sentWhileStanding = sent;
      origin.read = true;
      await done;
      const [response] = await answered;
      expect(response.statusCode).toBe(200);
      response.resume();
    });
    expect(origin.uploaded).toBe(LARGE_BYTES);
    expect(sentWhileStanding).toBeLessThan(LARGE_BYTES / 4);
    expect(growth).toBeLessThan(GROWTH_BYTES);
  });

  it.each(['/posts/deep-beside', '/posts/deep-inside'])('%s is counted', async (path) => {
    const localAddress = path === '/posts/deep-beside' ? '127.0.0.42' : '127.0.0.43';
    const growth = await growthOf(gateway, async () => {
      const reply = await ask(gateway.url, path, { localAddress });
      expect(reply.body.toString()).toBe(PAGES[path]);
    });
    expect(growth).toBeLessThan(GROWTH_BYTES);
    await expect
      .poll(() => usageOf(gateway, `addr:${localAddress}`), { timeout: 30_000 })
      .toEqual({ posts: 3, requests: 1, refused: 0, uncounted: 0 });
  });
});

describe('framing', () => {
  it.each([
    ['HEAD', '/posts/deep-inside', 200],
    ['GET', '/204', 204],
    ['GET', '/304', 304],
    ['HEAD', '/404', 404],
  ])('%s %s has no body, and the connection stays open', async (method, path, status) => {
    const head = `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const { text, statuses, closed } = await speak(gateway.url, [head, head]);
    expect(statuses).toEqual([status, status]);
    expect(text.split('\r\n\r\n').filter((part) => part !== '' && !part.startsWith('HTTP/1.1'))).toEqual([]);
    expect(closed).toBe(false);
  });

  it('trailers arrive after a counted body', async () => {
    const localAddress = '127.0.0.44';
    const request = httpRequest(`${gateway.url}/posts/trailers`, { localAddress, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    expect(response.headers.trailer).toBe('X-Sum');
    expect(response.trailers).toEqual({ 'x-sum': 'abc' });
    await expect
      .poll(() => usageOf(gateway, `addr:${localAddress}`), { timeout: 30_000 })
      .toMatchObject({ posts: 2, requests: 1 });
  });

  it('a hundred cookies pass both ways', async () => {
    const cookies = Array.from({ length: 100 }, (_, i) => `name${i}=${'w'.repeat(20)}`).join('; ');
    const { headers } = await ask(gateway.url, '/cookies', { headers: { cookie: cookies } });
    expect(headers['set-cookie']?.length).toBe(100);
    expect(headers['set-cookie']?.[99]).toMatch(/^c99=v{20}; Path=\/$/);
    expect(headers['x-received']).toBe(String(cookies.length));
  });
});

describe('a response before the body', () => {
  const upload = (...fields: string[]) =>
    ['POST /upload HTTP/1.1', 'Host: a', ...fields, '', ''].join('\r\n');

  it.each([
    [401, ['Authorization: Bearer nobody', 'Content-Length: 5', 'Expect: 100-continue']],
    [413, [`Content-Length: ${MAX_UPLOAD_BYTES + 1}`, 'Expect: 100-continue']],
    [413, [`Content-Length: ${MAX_UPLOAD_BYTES + 1}`]],
  ])('is our %i, without 100 Continue', async (status, fields) => {
    const { statuses, text } = await speak(gateway.url, upload(...fields));
    expect(statuses).toEqual([status]);
    expect(text).toMatch(/^Connection: close\r$/im);
  });

  it('reaches a client that is still sending', async () => {
    const request = httpRequest(`${gateway.url}/upload`, {
      method: 'POST',
      agent: false,
      headers: { 'content-length': MAX_UPLOAD_BYTES + 1 },
    });
    request.on('error', () => {});
    request.write(Buffer.alloc(2 * MB, 'u'));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    let text = '';
    response.on('data', (chunk) => {
      text += chunk;
    });
    await once(response, 'end');
    expect(JSON.parse(text)).toMatchObject({ code: 'request_body_too_large' });
    request.destroy();
  });

  it('from the upstream reaches the client, and its connection serves the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 3; round++) {
      const request = httpRequest(`${gateway.url}/too-large`, {
        method: 'POST',
        agent,
        headers: { 'content-length': 5 * MB },
      });
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      request.write(Buffer.alloc(MB, 'u'));
      const [response] = await answered;
      expect(response.statusCode).toBe(413);
      const read = response.setEncoding('utf8').reduce<string>((all, chunk) => all + chunk, '');
      request.end(Buffer.alloc(4 * MB, 'u'));
      expect(await read).toBe('too large for us');
      expect((await ask(gateway.url, '/200', { agent })).status).toBe(200);
    }
    agent.destroy();
  });
});

describe('breaking off', () => {
  it('during an upload cancels it at the upstream', async () => {
    origin.read = true;
    const before = origin.aborted;
    const request = httpRequest(`${gateway.url}/upload`, {
      method: 'POST',
      agent: false,
      headers: { 'content-length': 10 * MB },
    });
    request.on('error', () => {});
    request.write(Buffer.alloc(MB, 'u'));
    await expect.poll(() => origin.uploaded, { timeout: 20_000 }).toBe(MB);
    request.destroy();
    await expect.poll(() => origin.aborted, { timeout: 20_000 }).toBe(before + 1);
    // The client caused it, so the upstream is not to blame.
    expect(await metricOf(gateway, 'postmeter_upstream_errors_total')).toBe(0);
  });

  it('a kept-alive connection that dies during a request loses no GET, and sends no POST twice', async () => {
    // Answers the first request of a connection, and kills the connection on the second.
    const served = new WeakSet<Socket>();
    const once = (socket: Socket): void => {
      if (served.has(socket)) return void socket.destroy();
      served.add(socket);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    };
    raw.answers.set('/race', once);
    for (let i = 0; i < 20; i++) {
      expect((await ask(rawGateway.url, '/race')).status).toBe(200);
    }
    for (let i = 0; i < 10; i++) {
      const path = `/race/${i}`;
      raw.answers.set(path, once);
      await ask(rawGateway.url, '/race');
      const { status } = await ask(rawGateway.url, path, { method: 'POST' });
      expect([200, 502]).toContain(status);
      expect(raw.requests.filter((text) => text.startsWith(`POST ${path} `)).length).toBe(1);
    }
  });

  it('an origin that closes every idle connection at once loses no request', async () => {
    raw.answers.set('/closing', (socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    for (let i = 0; i < 100; i++) expect((await ask(rawGateway.url, '/closing')).status).toBe(200);
  });
});

describe('a shutdown', () => {
  it('finishes requests in flight, accepts no more, and exits with 0', async () => {
    const own = await startGatewayProcess({ upstream: origin.url, env: { DATABASE_URL: database.url } });
    const agent = new Agent({ keepAlive: true });
    // One idle connection, one in the middle of a request, and one without a head so far.
    await ask(own.url, '/200', { agent });
    const request = httpRequest(`${own.url}/slow`, { agent: new Agent({ keepAlive: true }) }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const large = httpRequest(`${own.url}/posts/large`, { agent: false }).end();
    const [standing] = (await once(large, 'response')) as [IncomingMessage];
    await sleep(200);
    const exit = own.stop();
    await sleep(200);
    await expect(ask(own.url, '/200')).rejects.toThrow(/ECONNREFUSED/);
    let bytes = 0;
    standing.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const wholeOfLarge = once(standing, 'end');
    const text = await response.setEncoding('utf8').reduce<string>((all, chunk) => all + chunk, '');
    expect(text.endsWith('done')).toBe(true);
    await wholeOfLarge;
    expect(bytes).toBe(origin.sent);
    expect(await exit).toBe(0);
    agent.destroy();
  });
});
