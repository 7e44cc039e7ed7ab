/**
 * Malformed and hostile HTTP from both sides is refused, or is provably one request, while a neighbour is served
 * normally.
 */

import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { metricOf, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { speak } from '../support/http/speak.ts';
import { type RecordingOrigin, startRecordingOrigin } from '../support/origins/bytes.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const NEIGHBOUR = '127.0.0.77';
const HEADERS_TIMEOUT_MS = 1_000;
const IDLE_TIMEOUT_MS = 2_500;

let origin: RecordingOrigin;
let database: FreshDatabase;
let gateway: GatewayProcess;
let neighbour: { stop(): Promise<{ asked: number; wrong: unknown[] }> };

beforeAll(async () => {
  origin = await startRecordingOrigin();
  database = await freshDatabase('hardening');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: {
      bucketSeconds: 1,
      routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
      listen: { headersTimeoutMs: HEADERS_TIMEOUT_MS, idleTimeoutMs: IDLE_TIMEOUT_MS },
      upstream: { headersTimeoutMs: 2_000, bodyTimeoutMs: 2_000 },
    },
  });
  neighbour = startNeighbour();
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await database?.drop();
});

/** A client that sends one request after the other for as long as the attacks run. */
function startNeighbour(): typeof neighbour {
  let isOn = true;
  let asked = 0;
  const wrong: unknown[] = [];
  const run = (async () => {
    while (isOn) {
      asked++;
      const reply = await ask(gateway.url, '/posts', { localAddress: NEIGHBOUR }).catch((error) => ({
        error,
      }));
      if (!('status' in reply) || reply.status !== 200) wrong.push(reply);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: async () => {
      isOn = false;
      await run;
      return { asked, wrong };
    },
  };
}

/** Never forwarded as a separate request, wherever it was hidden. */
const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const post = (...lines: string[]): string => head('POST /posts HTTP/1.1', 'Host: a', ...lines);

interface Attack {
  readonly name: string;
  readonly bytes: string | readonly string[];
  /** The statuses with which it may be refused. Undefined if the connection may be closed without a response. */
  readonly refused: readonly (number | undefined)[];
}

const BAD = [400];
const ATTACKS: readonly Attack[] = [
  {
    name: 'Content-Length before Transfer-Encoding',
    bytes: `${post('Content-Length: 6', 'Transfer-Encoding: chunked')}0\r\n\r\n${HIDDEN}`,
    refused: BAD,
  },
  {
    name: 'Transfer-Encoding before Content-Length',
    bytes: `${post('Transfer-Encoding: chunked', 'Content-Length: 6')}0\r\n\r\n${HIDDEN}`,
    refused: BAD,
  },
  {
    name: 'Content-Length twice, the same',
    bytes: `${post('Content-Length: 1', 'Content-Length: 1')}x`,
    refused: BAD,
  },
  {
    name: 'Content-Length twice, different',
    bytes: `${post('Content-Length: 0', `Content-Length: ${HIDDEN.length}`)}${HIDDEN}`,
    refused: BAD,
  },
  ...['-1', '+1', '1,1', '0x10', '1 1', '', '99999999999999999999999', '1e3', '1;'].map((length) => ({
    name: `Content-Length: ${length}`,
    bytes: `${post(`Content-Length: ${length}`)}${HIDDEN}`,
    refused: BAD,
  })),
  ...[
    'identity',
    'xchunked',
    'chunked, identity',
    'chunked, chunked',
    'identity, chunked',
    'gzip, chunked',
    'chunked;q=1',
    '"chunked"',
    '\x0bchunked',
    'chunked\x00',
    ',chunked',
    'chunked,',
  ].map((coding) => ({
    name: `Transfer-Encoding: ${JSON.stringify(coding)}`,
    bytes: `${post(`Transfer-Encoding: ${coding}`)}0\r\n\r\n${HIDDEN}`,
    refused: [400, 501],
  })),
  {
    name: 'Transfer-Encoding twice',
    bytes: `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0\r\n\r\n${HIDDEN}`,
    refused: [400, 501],
  },
  {
    name: 'Transfer-Encoding twice with different values',
    bytes: `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: x')}0\r\n\r\n${HIDDEN}`,
    refused: [400, 501],
  },
  {
    name: 'Transfer-Encoding in HTTP/1.0',
    bytes: `POST /posts HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    refused: BAD,
  },
  ...['zz', '-1', '+5', '0x5', '10000000000000000', 'FFFFFFFFFFFFFFFFFF', '5 5', '', ' 5'].map((size) => ({
    name: `a chunk of size "${size}"`,
    bytes: `${post('Transfer-Encoding: chunked')}${size}\r\nhello\r\n0\r\n\r\n${HIDDEN}`,
    refused: [400, 502, undefined],
  })),
  {
    name: 'a chunk longer than its size',
    bytes: `${post('Transfer-Encoding: chunked')}2\r\nhello\r\n0\r\n\r\n${HIDDEN}`,
    refused: [400, 502, undefined],
  },
  {
    name: 'a chunk line that ends in a bare LF',
    bytes: `${post('Transfer-Encoding: chunked')}5\nhello\r\n0\r\n\r\n${HIDDEN}`,
    refused: [400, 502, undefined],
  },
  {
    name: 'chunk extensions without end',
    bytes: `${post('Transfer-Encoding: chunked')}5;${'a'.repeat(100_000)}\r\nhello\r\n0\r\n\r\n`,
    refused: [400, 413, undefined],
  },
  { name: 'bare LF after every line', bytes: 'GET /posts HTTP/1.1\nHost: a\n\n', refused: BAD },
  { name: 'bare LF between fields', bytes: 'GET /posts HTTP/1.1\r\nHost: a\nX: b\r\n\r\n', refused: BAD },
  { name: 'bare CR in a value', bytes: head('GET /posts HTTP/1.1', 'Host: a', 'X: b\rY: c'), refused: BAD },
  { name: 'a space before the colon', bytes: head('GET /posts HTTP/1.1', 'Host: a', 'X : b'), refused: BAD },
  {
    name: 'a length hidden by a space before the colon',
    bytes: `${post(`Content-Length : ${HIDDEN.length}`)}${HIDDEN}`,
    refused: BAD,
  },
  { name: 'a space before the first name', bytes: head('GET /posts HTTP/1.1', ' Host: a'), refused: BAD },
  { name: 'a field without a name', bytes: head('GET /posts HTTP/1.1', 'Host: a', ': b'), refused: BAD },
  { name: 'a field without a colon', bytes: head('GET /posts HTTP/1.1', 'Host: a', 'X'), refused: BAD },
  ...['\x00', '\x01', '\x07', '\x1b', '\x7f', '\x0b', '\x0c'].flatMap((control) => [
    {
      name: `${JSON.stringify(control)} in a value`,
      bytes: head('GET /posts HTTP/1.1', 'Host: a', `X: a${control}b`),
      refused: BAD,
    },
    {
      name: `${JSON.stringify(control)} in a name`,
      bytes: head('GET /posts HTTP/1.1', 'Host: a', `X${control}Y: b`),
      refused: BAD,
    },
    {
      name: `${JSON.stringify(control)} in the path`,
      bytes: head(`GET /posts${control} HTTP/1.1`, 'Host: a'),
      refused: BAD,
    },
  ]),
  { name: 'a Host that is not a host', bytes: head('GET /posts HTTP/1.1', 'Host: a/b'), refused: BAD },
  {
    name: 'a backslash in the path',
    bytes: head('GET /posts\\1 HTTP/1.1', 'Host: a', 'Connection: close'),
    refused: BAD,
  },
  { name: 'no Host', bytes: 'GET /posts HTTP/1.1\r\n\r\n', refused: BAD },
  { name: 'two Hosts', bytes: head('GET /posts HTTP/1.1', 'Host: a', 'Host: b'), refused: BAD },
  { name: 'the same Host twice', bytes: head('GET /posts HTTP/1.1', 'Host: a', 'hOST: a'), refused: BAD },
  {
    name: 'a URL of another host',
    bytes: head('GET http://other/posts HTTP/1.1', 'Host: a', 'Connection: close'),
    refused: BAD,
  },
  {
    name: 'a URL whose scheme is not http',
    bytes: head('GET ftp://a/posts HTTP/1.1', 'Host: a', 'Connection: close'),
    refused: BAD,
  },
  {
    name: 'the target *',
    bytes: head('OPTIONS * HTTP/1.1', 'Host: a', 'Connection: close'),
    refused: BAD,
  },
  { name: 'CONNECT', bytes: `${head('CONNECT a:443 HTTP/1.1', 'Host: a')}${HIDDEN}`, refused: [501] },
  {
    name: 'a header block of 1 MB',
    bytes: head('GET /posts HTTP/1.1', 'Host: a', `X: ${'x'.repeat(1_000_000)}`),
    refused: [431, undefined],
  },
  {
    name: '10,000 headers',
    bytes: head(
      'GET /posts HTTP/1.1',
      'Host: a',
      ...Array.from({ length: 10_000 }, (_, i) => `X-${i}: ${i}`),
    ),
    refused: [431, undefined],
  },
  {
    name: 'a URL of 100 KB',
    bytes: head(`GET /${'p'.repeat(100_000)} HTTP/1.1`, 'Host: a'),
    refused: [431, undefined],
  },
  { name: 'HTTP/0.9', bytes: 'GET /posts\r\n', refused: [400, 408] },
  {
    name: 'HTTP/2 by its preface',
    bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00',
    refused: BAD,
  },
  { name: 'HTTP/1.2', bytes: head('GET /posts HTTP/1.2', 'Host: a'), refused: BAD },
  { name: 'HTTP/11', bytes: head('GET /posts HTTP/11', 'Host: a'), refused: BAD },
  { name: 'an unknown method', bytes: head('GETS /posts HTTP/1.1', 'Host: a'), refused: BAD },
  { name: 'a TLS hello', bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', refused: BAD },
  { name: 'noise', bytes: '\xff\xfe\x00\x01\r\n\r\n', refused: BAD },
];

describe('from a client', () => {
  it.each(ATTACKS)('$name is refused and the connection closed', async ({ bytes, refused }) => {
    const said = await speak(gateway.url, bytes, { quietMs: 3_000 });
    expect(origin.lastFor('/hidden')).toBe('');
    expect(refused).toContain(said.statuses[0]);
    expect(said.statuses.length).toBeLessThanOrEqual(1);
    expect(said.closed).toBe(true);
  });

  it('a folded field becomes one field on one line, or is refused', async () => {
    const said = await speak(
      gateway.url,
      head(
        'GET /fold HTTP/1.1',
        'Host: a',
        'X-Folded: one',
        ' Transfer-Encoding: chunked',
        'Connection: close',
      ),
    );
    expect([[400], [200]]).toContainEqual(said.statuses);
    const heard = origin.lastFor('/fold');
    expect(heard).not.toMatch(/^\s+\S/m);
    expect(heard).not.toMatch(/^transfer-encoding/im);
  });

  it('a request inside a body remains body bytes', async () => {
    const said = await speak(
      gateway.url,
      `${head('POST /carrier HTTP/1.1', 'Host: a', 'Connection: close', `Content-Length: ${HIDDEN.length}`)}${HIDDEN}`,
    );
    expect(said.statuses).toEqual([200]);
    const heard = origin.lastFor('/carrier');
    expect(heard.slice(heard.indexOf('\r\n\r\n') + 4)).toBe(HIDDEN);
    const chunked = await speak(
      gateway.url,
      `${post('Transfer-Encoding: chunked', 'Connection: close')}${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
    );
    expect(chunked.statuses).toEqual([200]);
    expect(origin.lastFor('/hidden')).toBe('');
  });

  it('a hop-by-hop name cannot remove a framing field', async () => {
    const said = await speak(
      gateway.url,
      `${head('POST /hop HTTP/1.1', 'Host: a', 'Connection: close, content-length, host', 'Content-Length: 5')}hello`,
    );
    expect(said.statuses).toEqual([200]);
    const heard = origin.lastFor('/hop');
    expect(heard.endsWith('\r\n\r\nhello') || heard.includes('\r\n5\r\nhello\r\n0\r\n\r\n')).toBe(true);
    expect(heard).toMatch(/^host: a\r$/im);
  });

  it('none of many small headers is lost', async () => {
    const names = Array.from({ length: 1_400 }, (_, i) => `${i}:`);
    await speak(
      gateway.url,
      head('GET /many HTTP/1.1', 'Host: a', ...names, 'X-Last: here', 'Connection: close'),
    );
    const heard = origin.lastFor('/many');
    expect(heard).toMatch(/^X-Last: here\r$/m);
  });

  it('pipelined requests are answered in order, up to a malformed one', async () => {
    const fine = head('GET /posts HTTP/1.1', 'Host: a');
    const three = await speak(
      gateway.url,
      fine + fine + head('GET /posts HTTP/1.1', 'Host: a', 'Connection: close'),
    );
    expect(three.statuses).toEqual([200, 200, 200]);
    const bad = await speak(gateway.url, `${fine}GET /posts HTTP/1.1\r\nHost : a\r\n\r\n${HIDDEN}`);
    expect(bad.closed).toBe(true);
    expect([[200], [200, 400], [400], []]).toContainEqual(bad.statuses);
    expect(origin.lastFor('/hidden')).toBe('');
  });

  it('a malformed request behind a response does not write into it', async () => {
    origin.answers.set('/half', (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst half, ');
    });
    const said = await speak(gateway.url, [head('GET /half HTTP/1.1', 'Host: a'), 'nonsense\r\n\r\n'], {
      pauseMs: 300,
    });
    expect(said.closed).toBe(true);
    expect(said.text.endsWith('\r\n\r\nfirst half, ')).toBe(true);
  });

  it('an upgrade or CONNECT behind an unanswered request only ends the connection', async () => {
    origin.answers.set('/never', () => {});
    const first = head('GET /never HTTP/1.1', 'Host: a');
    for (const second of [
      head('GET /ws HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: websocket'),
      head('GET /ws HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: h2c'),
      head('CONNECT a:1 HTTP/1.1', 'Host: a'),
    ]) {
      expect((await speak(gateway.url, first + second)).closed).toBe(true);
    }
  });

  it.each([
    ['no bytes', []],
    ['half a request line', ['GET /po']],
    ['a header now and then', ['GET /posts HTTP/1.1\r\n', ...Array<string>(40).fill('X: y\r\n')]],
  ])('a client that sends %s is disconnected', async (_what, parts) => {
    const said = await speak(gateway.url, parts, { quietMs: 20_000, pauseMs: 100 });
    expect([408, undefined]).toContain(said.statuses[0]);
    expect(said.closed).toBe(true);
  });

  it('a stalled body ends with its connection, here and at the upstream', async () => {
    const said = await speak(gateway.url, `${post('Content-Length: 10')}hello`, { quietMs: 20_000 });
    expect(said.closed).toBe(true);
    expect([408, 504, 502, undefined]).toContain(said.statuses[0]);
  });
});

describe('from an upstream', () => {
  let paths = 0;
  const answered = async (answer: string | ((socket: Socket) => void)) => {
    const path = `/bad/${++paths}`;
    origin.answers.set(path, answer);
    const reply = await ask(gateway.url, path).catch((error: Error) => error);
    // The next request has a clean connection in any case.
    const after = await ask(gateway.url, '/posts');
    expect(after.status).toBe(200);
    expect(after.body.toString()).toBe('{"data":[{"id":1}]}');
    return reply;
  };

  it.each([
    ['noise', '\x00\x01\x02\x03\r\n\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok'],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok'],
    ['a bare CR in a value', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok'],
    ['a field without a colon', 'HTTP/1.1 200 OK\r\nX\r\nContent-Length: 2\r\n\r\nok'],
    ['both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk'],
    ['a length below zero', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok'],
    ['a head of 200 KB', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}\r\nContent-Length: 2\r\n\r\nok`],
    [
      'an unrequested upgrade',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['a flood of early hints', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(5_000)],
    ['a flood of 102', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(5_000)],
  ])('%s is a 502', async (_name, bytes) => {
    const reply = await answered(bytes);
    expect(reply).toMatchObject({ status: 502 });
  });

  it.each([
    ['closes at once', (socket: Socket) => socket.end()],
    ['resets at once', (socket: Socket) => socket.resetAndDestroy()],
    ['closes in its head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nX: ')],
  ])('an upstream that %s is a 502', async (_name, answer) => {
    expect(await answered(answer)).toMatchObject({ status: 502 });
  });

  it('a body shorter than its length is visibly cut', async () => {
    const reply = await answered((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok'));
    expect(reply).toMatchObject({ status: 200, whole: false });
    expect(reply).toHaveProperty('body', Buffer.from('ok'));
  });

  it('a malformed chunk is visibly cut', async () => {
    const reply = await answered(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\nbad\r\n0\r\n\r\n',
    );
    expect(reply).toMatchObject({ status: 200, whole: false });
  });

  it('a second response to one request reaches no client', async () => {
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    expect(await answered(`${one}one${one}two`)).toMatchObject({ status: 200, body: Buffer.from('one') });
  });

  it('bytes behind a declared length are not part of it', async () => {
    const reply = await answered('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n');
    expect(reply).toMatchObject({ status: 200, body: Buffer.from('ok'), whole: true });
  });

  it.each(['Ça va', '✓ done', ''])('the reason phrase "%s" loses no response', async (phrase) => {
    const bytes = Buffer.from(`HTTP/1.1 200 ${phrase}\r\nContent-Length: 2\r\n\r\nok`).toString('latin1');
    expect(await answered(bytes)).toMatchObject({ status: 200, body: Buffer.from('ok') });
  });

  it('early hints of any form lose no response', async () => {
    const hints = ['</a>; rel=preload, </b>; rel=preload', 'nonsense', '</c>; title="a, b"', '']
      .map((link) => `HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\n\r\n`)
      .join('');
    expect(await answered(`${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`)).toMatchObject({
      status: 200,
      body: Buffer.from('ok'),
    });
    expect((await speak(gateway.url, 'GET /bad/hints HTTP/1.0\r\n\r\n')).statuses).toEqual([200]);
  });

  it('HTTP/1.0 receives no hints', async () => {
    origin.answers.set(
      '/hints',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    expect((await speak(gateway.url, 'GET /hints HTTP/1.0\r\n\r\n')).statuses).toEqual([200]);
    expect((await speak(gateway.url, head('GET /hints HTTP/1.1', 'Host: a'))).statuses).toEqual([103, 200]);
  });
});

describe('during all of these attacks', () => {
  it('the process survives with nothing in flight, and its other client was served and metered exactly', async () => {
    const { asked, wrong } = await neighbour.stop();
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(50);
    expect(gateway.process.exitCode).toBeNull();
    await expect
      .poll(() => usageOf(gateway, `addr:${NEIGHBOUR}`), { timeout: 20_000 })
      .toMatchObject({ posts: asked, requests: asked, refused: 0, uncounted: 0 });
    await expect.poll(() => metricOf(gateway, 'postmeter_requests_in_flight'), { timeout: 20_000 }).toBe(0);
    expect(gateway.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
