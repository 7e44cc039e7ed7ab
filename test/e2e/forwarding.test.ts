import { createHash } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { type Origin, patternBytes, postsPage, startOrigin } from './origin.ts';

let origin: Origin;
let database: FreshDatabase;
let gateway: GatewayProcess;

beforeAll(async () => {
  origin = await startOrigin();
  database = await freshDatabase('forwarding');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: {
      routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
      upstream: { headersTimeoutMs: 1_000 },
      listen: { maxRequestBodyBytes: 80_000_000 },
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await database?.drop();
});

interface Reply {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
}

function ask(
  base: string,
  path: string,
  options: RequestOptions = {},
  body?: Buffer | Readable,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${base}`, { ...options, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          rawHeaders: response.rawHeaders,
          headers: response.headers,
          trailers: response.trailers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    if (body instanceof Readable) body.pipe(request);
    else request.end(body);
  });
}

/** Header fields that may legitimately differ between two hops. */
const OWN = new Set([
  'via',
  'ratelimit',
  'ratelimit-policy',
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
]);

function comparable({ status, rawHeaders, body, trailers }: Reply) {
  const fields: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!OWN.has(rawHeaders[i]!.toLowerCase())) fields.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return {
    status,
    fields,
    trailers,
    sha256: createHash('sha256').update(body).digest('hex'),
    bytes: body.length,
  };
}

describe('a response', () => {
  const paths = [
    ...[0, 1, 17, 1_000, 16_384, 65_536, 1_000_000, 8 * 1024 * 1024].map((n) => `/bytes?n=${n}`),
    ...[
      [1_000, 1],
      [100_000, 7],
      [3_000_000, 65_537],
    ].map(([n, chunk]) => `/bytes?n=${n}&chunk=${chunk}`),
    '/posts?n=20',
    ...['gzip', 'br', 'deflate'].map((encoding) => `/posts?n=100&encoding=${encoding}`),
    '/cookies',
    '/trailers',
    '/nothing-here',
    ...[200, 201, 204, 205, 301, 302, 304, 400, 401, 403, 404, 418, 500, 503].map(
      (code) => `/status?code=${code}`,
    ),
  ];

  it.each(paths)('%s is what the origin sent, byte for byte', async (path) => {
    const [direct, through] = [await ask(origin.url, path), await ask(gateway.url, path)];
    expect(comparable(through)).toEqual(comparable(direct));
  });

  it("states in Via how it came, and in forwarding fields the client's address", async () => {
    const { headers } = await ask(gateway.url, '/posts?n=1');
    expect(headers.via).toBe('1.1 postmeter');
    expect(headers['ratelimit-policy']).toBe('"posts-24h";q=1000000;w=86400;postmeter-unit="posts"');
    expect(headers.ratelimit).toMatch(/^"posts-24h";r=\d+;t=\d+$/);
  });

  it('passes HEAD on with its headers and without a body', async () => {
    const [direct, through] = await Promise.all(
      [origin.url, gateway.url].map((base) => ask(base, '/bytes?n=1000', { method: 'HEAD' })),
    );
    expect(comparable(through!)).toEqual(comparable(direct!));
    expect(through!.body.length).toBe(0);
  });

  it('never passes the declared count on', async () => {
    const { headers, status } = await ask(gateway.url, '/declared?n=7');
    expect(status).toBe(200);
    expect(headers['x-post-count']).toBeUndefined();
  });

  it('forwards a stream as it arrives, without a chunk of delay', async () => {
    const first = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(`${gateway.url}/slow-stream`, (response) => {
        response.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
          request.destroy();
        });
      });
      request.on('error', reject);
      request.end();
    });
    expect(first).toBe('data: first\n\n');
  });

  it('passes early hints on', async () => {
    const hints: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest(`${gateway.url}/early`, (response) => response.resume().on('end', resolve));
      request.on('information', ({ statusCode, headers }) => hints.push(statusCode, headers.link));
      request.on('error', reject);
      request.end();
    });
    expect(hints).toEqual([103, '</style.css>; rel=preload']);
  });

  it('reuses one connection for many requests', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 50; i++) {
      const { body } = await ask(gateway.url, `/bytes?n=${i}`, { agent });
      expect(body.equals(patternBytes(i))).toBe(true);
    }
    agent.destroy();
  });
});

describe('a request', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'REPORT', 'MKCOL', 'PURGE'])(
    '%s arrives as %s',
    async (method) => {
      const path = `/status?code=200&method=${method}`;
      const { status } = await ask(gateway.url, path, { method });
      expect(status).toBe(200);
      expect(origin.received.findLast(({ url }) => url === path)?.method).toBe(method);
    },
  );

  it.each([0, 1, 1_000, 65_536, 8 * 1024 * 1024])('a body of %i bytes arrives complete', async (length) => {
    const body = patternBytes(length);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const answer = await ask(
      gateway.url,
      '/digest',
      { method: 'POST', headers: { 'content-length': length } },
      body,
    );
    expect(JSON.parse(answer.body.toString())).toEqual({ bytes: length, sha256 });
    const chunked = await ask(
      gateway.url,
      '/digest',
      { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
      Readable.from(length === 0 ? [] : [body.subarray(0, 1), body.subarray(1)]),
    );
    expect(JSON.parse(chunked.body.toString())).toEqual({ bytes: length, sha256 });
  });

  it('a body is echoed while it is still being sent', async () => {
    const body = patternBytes(5_000_000);
    const answer = await ask(gateway.url, '/echo', { method: 'POST' }, Readable.from([body]));
    expect(answer.body.equals(body)).toBe(true);
  });

  it.each(['/posts//x/../%2e%2E/?n=1&a=%zz&b=+', '/a;b=c/?%F0%9F', "/~!$&'()*+,;=:@?/?"])(
    'the path %s arrives untouched',
    async (path) => {
      await ask(gateway.url, path);
      expect(origin.received.at(-1)?.url).toBe(path);
    },
  );

  it('keeps the Host, sets the forwarding fields and drops hop-by-hop fields', async () => {
    await ask(gateway.url, '/status?code=200', {
      headers: {
        host: 'platform.example',
        connection: 'close, x-hop',
        'x-hop': '1',
        te: 'trailers',
        'x-end': '2',
      },
    });
    const { rawHeaders } = origin.received.at(-1)!;
    const value = (name: string) => rawHeaders[rawHeaders.findIndex((n) => n.toLowerCase() === name) + 1];
    expect(value('host')).toBe('platform.example');
    expect(value('x-forwarded-for')).toBe('127.0.0.1');
    expect(value('x-forwarded-proto')).toBe('http');
    expect(value('x-forwarded-host')).toBe('platform.example');
    expect(value('forwarded')).toBe('for=127.0.0.1;host=platform.example;proto=http');
    expect(value('via')).toBe('1.1 postmeter');
    expect(value('x-end')).toBe('2');
    expect(rawHeaders.map((name) => name.toLowerCase())).not.toContain('x-hop');
  });

  it('gets 100 Continue before the body is sent', async () => {
    const continued = await new Promise<boolean>((resolve, reject) => {
      let hasContinued = false;
      const request = httpRequest(`${gateway.url}/digest`, {
        method: 'POST',
        headers: { expect: '100-continue' },
      });
      request.on('continue', () => {
        hasContinued = true;
        request.end('body');
      });
      request.on('response', (response) => response.resume().on('end', () => resolve(hasContinued)));
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(continued).toBe(true);
  });
});

describe('a failure', () => {
  it('an aborted client request is cancelled upstream', async () => {
    const before = origin.aborted;
    const request = httpRequest(`${gateway.url}/hang`);
    request.on('error', () => {});
    request.end();
    await sleep(200);
    request.destroy();
    await expect.poll(() => origin.aborted, { timeout: 20_000 }).toBe(before + 1);
  });

  it('an upstream that does not respond is a 504 problem', async () => {
    const { status, headers, body } = await ask(gateway.url, '/hang');
    expect(status).toBe(504);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body.toString())).toMatchObject({ status: 504, code: 'upstream_timeout' });
  });

  it('an upstream that breaks off leaves a visibly cut response', async () => {
    await expect(ask(gateway.url, '/break')).rejects.toThrow(/aborted/);
  });

  it('an unreachable upstream is a 502 problem', async () => {
    const dead = await startOrigin();
    const lonely = await startGatewayProcess({ upstream: dead.url, env: { DATABASE_URL: database.url } });
    await dead.stop();
    const { status, body } = await ask(lonely.url, '/');
    expect(status).toBe(502);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'upstream_unreachable' });
    expect(await lonely.stop()).toBe(0);
  });

  it('a body over the bound is a 413, with or without a declared length', async () => {
    const declared = await ask(gateway.url, '/digest', {
      method: 'POST',
      headers: { 'content-length': 80_000_001 },
    });
    expect(declared.status).toBe(413);
  });

  it('HTTP/1.0 is served too, and its connection ends with the response', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => {
        socket.write('GET /posts?n=2 HTTP/1.0\r\n\r\n');
      });
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toContain(' 200 OK\r\n');
    expect(answer.endsWith(postsPage(2))).toBe(true);
  });
});
