/**
 * Clients and platforms that break off, pipeline requests or send unusual fields. None of them ends the process or
 * keeps its place.
 */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { metricOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { dial, ResponseReader } from '../support/http/response-reader.ts';
import { onHeads, startByteOrigin } from '../support/origins/bytes.ts';
import type { Origin } from '../support/origins/listening.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { until } from '../support/until.ts';

const CONNECTIONS = 4;
const PAGE = '{"data":[{"id":1},{"id":2},{"id":3}]}';
const PAGE_ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`;

type Answer = (socket: Socket, head: string) => void;

let origin: Origin;
let database: FreshDatabase;
let gateway: GatewayProcess;
/** The origin's behaviour by path. Any other path returns a page of three posts. */
const answers = new Map<string, Answer>();

beforeAll(async () => {
  origin = await startOrigin();
  database = await freshDatabase('hostile_connections');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: {
      routes: [{ path: '/posts/**', posts: [{ json: '$.data[*]' }] }],
      upstream: { connections: CONNECTIONS },
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await database?.drop();
});

afterEach(async () => {
  answers.clear();
  expect(gateway.process.exitCode).toBeNull();
});

const startOrigin = () =>
  startByteOrigin((socket) =>
    onHeads(socket, (head) => {
      const answer = answers.get(head.split(' ')[1]!);
      if (answer === undefined) socket.write(PAGE_ANSWER);
      else answer(socket, head);
    }),
  );

const request = (target: string, ...fields: string[]): string =>
  [`${target} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n');

const posts = () => metricOf(gateway, 'postmeter_posts_total');
/** Resolves once no request is in flight, so that every place is free again. */
const untilIdle = () =>
  until(
    'no request is in flight',
    async () => (await metricOf(gateway, 'postmeter_requests_in_flight')) === 0,
    {
      timeoutMs: 15_000,
      intervalMs: 100,
    },
  );
const occupied = (places: number) =>
  until('the pool is full', async () => (await metricOf(gateway, 'postmeter_requests_in_flight')) === places);

describe('pipelined requests on one connection', () => {
  it('are not forwarded, counted or held if the client leaves before its first response', async () => {
    const before = await posts();
    answers.set('/posts/slow', () => {});
    const client = dial(gateway.url);
    client.write(request('GET /posts/slow') + request('GET /posts/page').repeat(99));
    await occupied(1);
    client.resetAndDestroy();
    await untilIdle();
    expect(await posts()).toBe(before);
  });

  it('are answered in order, and each is counted once', async () => {
    const before = await posts();
    answers.set('/posts/late', (socket) => void setTimeout(() => socket.write(PAGE_ANSWER), 200));
    const client = dial(gateway.url);
    const reader = new ResponseReader(client);
    client.write(request('GET /posts/late') + request('POST /posts/page', 'Content-Length: 5'));
    client.write(`hello${request('GET /posts/late')}${request('GET /posts/page')}GET /posts/pa`);
    for (let answered = 0; answered < 4; answered++) {
      expect((await reader.next()).body.toString()).toBe(PAGE);
    }
    client.write('ge HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await reader.next()).body.toString()).toBe(PAGE);
    client.destroy();
    expect(await posts()).toBe(before + 5 * 3);
  });

  it('close the connection after the hundredth that waits', async () => {
    answers.set('/posts/late', (socket) => void setTimeout(() => socket.write(PAGE_ANSWER), 200));
    const client = dial(gateway.url);
    const reader = new ResponseReader(client);
    client.write(request('GET /posts/late') + request('GET /posts/page').repeat(150));
    let last = '';
    for (let answered = 0; answered < 101; answered++) last = (await reader.next()).head;
    expect(last).toMatch(/^connection: close\r$/im);
    await expect(reader.next()).rejects.toThrow(/closed/);
    await untilIdle();
  });

  it('use one place of the pool, so that others are served', async () => {
    answers.set('/posts/slow', () => {});
    const client = dial(gateway.url);
    client.write(request('GET /posts/slow').repeat(50));
    await occupied(1);
    for (let asked = 0; asked < 10; asked++) expect((await ask(gateway.url, '/posts/page')).status).toBe(200);
    client.resetAndDestroy();
    await untilIdle();
  });
});

describe('an upload whose client leaves', () => {
  it.each(['resetAndDestroy', 'destroy'] as const)('while it waits for a connection (%s)', async (leave) => {
    answers.set('/posts/slow', () => {});
    const blockers = Array.from({ length: CONNECTIONS }, () => dial(gateway.url));
    for (const blocker of blockers) blocker.write(request('GET /posts/slow'));
    await occupied(CONNECTIONS);
    const client = dial(gateway.url);
    client.write(`${request('POST /posts/page', 'Content-Length: 1000')}begun`);
    await occupied(CONNECTIONS + 1);
    client[leave]();
    await occupied(CONNECTIONS);
    for (const blocker of blockers) blocker.destroy();
    await untilIdle();
    expect((await ask(gateway.url, '/posts/page')).status).toBe(200);
  });

  it('while the platform does not read', async () => {
    answers.set('/posts/unread', (socket) => void socket.pause());
    const client = dial(gateway.url);
    client.write(request('POST /posts/unread', 'Content-Length: 100000000'));
    client.write(Buffer.alloc(50_000_000));
    await occupied(1);
    await sleep(500);
    client.resetAndDestroy();
    await untilIdle();
  });
});

/** Fields to which Node's HTTP gives a special meaning, on either side. */
const NAMES = [
  'Connection', 'Content-Disposition', 'Content-Length', 'Cookie', 'Date', 'Expect', 'HTTP2-Settings', 'Host', 'Keep-Alive',
  'Link', 'Location', 'Proxy-Connection', 'Sec-WebSocket-Key', 'Set-Cookie', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade',
]; // biome-ignore format: a list of names
const VALUES = ['', 'x', '0', 'trailers, \xe9'];
const FIELDS = NAMES.flatMap((name) => VALUES.map((value) => `${name}: ${value}`));

/** Sends a request and waits for its first response, or for the end of its connection. */
async function statusOf(text: string): Promise<number | 'closed'> {
  const client = dial(gateway.url);
  try {
    const reader = new ResponseReader(client);
    client.write(text, 'latin1');
    const idle = setTimeout(() => client.end(), 5_000);
    let { status } = await reader.next(true);
    while (status === 100 || status === 103) ({ status } = await reader.next(true));
    clearTimeout(idle);
    return status;
  } catch {
    return 'closed';
  } finally {
    client.destroy();
  }
}

const BODY = 'Content-Length: 5';
/** Puts a field into the request, by the phase in which it arrives. */
const REQUESTS: Readonly<Record<string, (field: string) => string>> = {
  'a request': (field) => request('GET /posts/page', field),
  'a request with a body': (field) => `${request('POST /posts/page', BODY, field)}hello`,
  'a chunked request': (field) =>
    `${request('POST /posts/page', 'Transfer-Encoding: chunked', field)}0\r\n\r\n`,
  'the trailers of a request': (field) =>
    `${request('POST /posts/page', 'Transfer-Encoding: chunked')}0\r\n${field}\r\n\r\n`,
  'a request that expects 100 Continue': (field) =>
    `${request('POST /posts/page', 'Expect: 100-continue', BODY, field)}hello`,
  'an upgrade': (field) => request('GET /posts/page', 'Connection: Upgrade', 'Upgrade: websocket', field),
  'an upgrade to h2c': (field) => request('GET /posts/page', 'Connection: Upgrade', 'Upgrade: h2c', field),
  'a request of HTTP/1.0': (field) => `GET /posts/page HTTP/1.0\r\n${field}\r\n\r\n`,
};

describe.each(Object.entries(REQUESTS))('any field in %s', (_phase, textOf) => {
  it('is forwarded or refused, and the process survives', async () => {
    const statuses = await Promise.all(FIELDS.map((field) => statusOf(textOf(field))));
    const odd = statuses.filter((status) => ![200, 400, 413, 417, 501, 502, 'closed'].includes(status));
    expect(odd).toEqual([]);
    expect(statuses).toContain(200);
    await untilIdle();
  });
});

const OK = 'HTTP/1.1 200 OK\r\n';
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
/** Puts a field into the response, by the phase in which it arrives. */
const ANSWERS: Readonly<Record<string, { answer: (field: string) => string; fields?: readonly string[] }>> = {
  'a response of known length': { answer: (field) => `${OK}${field}\r\nContent-Length: 2\r\n\r\nok` },
  'a chunked response': {
    answer: (field) => `${OK}${field}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  },
  'the trailers of a response': {
    answer: (field) => `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${field}\r\n\r\n`,
  },
  'a response without a body': { answer: (field) => `HTTP/1.1 204 No Content\r\n${field}\r\n\r\n` },
  'early hints': {
    answer: (field) =>
      `HTTP/1.1 103 Early Hints\r\n${field}\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
  },
  'a response that refuses an upgrade': {
    answer: (field) => `${OK}${field}\r\nContent-Length: 2\r\n\r\nok`,
    fields: UPGRADE,
  },
  'a response that accepts an upgrade': {
    answer: (field) => `HTTP/1.1 101 Switching Protocols\r\n${UPGRADE.join('\r\n')}\r\n${field}\r\n\r\n`,
    fields: UPGRADE,
  },
};

describe.each(Object.entries(ANSWERS))('any field in %s', (_phase, { answer, fields = [] }) => {
  it('is forwarded, dropped or answered with 502, and the process survives', async () => {
    FIELDS.forEach((field, at) => {
      answers.set(`/posts/odd/${at}`, (socket) => {
        socket.write(answer(field), 'latin1');
        setTimeout(() => socket.destroy(), 100);
      });
    });
    const statuses = await Promise.all(
      FIELDS.map((_field, at) => statusOf(request(`GET /posts/odd/${at}`, ...fields))),
    );
    const odd = statuses.filter((status) => ![101, 200, 204, 502].includes(status as number));
    expect(odd).toEqual([]);
    await untilIdle();
  });
});

describe('a response whose head cannot be written', () => {
  it('keeps its body and its count if Trailer is the reason', async () => {
    const before = await posts();
    answers.set('/posts/trailer', (socket) => {
      socket.write(PAGE_ANSWER.replace('\r\n', '\r\nTrailer: X-Sum\r\n'));
    });
    const { status, headers, body } = await ask(gateway.url, '/posts/trailer');
    expect([status, headers.trailer, body.toString()]).toEqual([200, undefined, PAGE]);
    expect(await posts()).toBe(before + 3);
  });

  it.each([[[]], [UPGRADE]])('is a 502 for a status that does not exist, with %j', async (fields) => {
    answers.set('/posts/status', (socket) => {
      socket.write('HTTP/1.1 042 Odd\r\nContent-Length: 2\r\n\r\nok');
      setTimeout(() => socket.destroy(), 100);
    });
    const client = dial(gateway.url);
    client.write(request('GET /posts/status', ...fields));
    const { status, head, body } = await new ResponseReader(client).next();
    client.destroy();
    expect(status).toBe(502);
    expect(head).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(JSON.parse(body.toString())).toMatchObject({ status: 502 });
  });
});
