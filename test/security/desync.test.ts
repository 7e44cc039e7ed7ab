/**
 * Two readers of one byte stream. Every request that reaches the upstream is metered, to the client of its
 * connection, and no other client receives the answer.
 */

import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { speak } from '../support/http/speak.ts';
import { type RecordingOrigin, startRecordingOrigin } from '../support/origins/bytes.ts';

vi.setConfig({ testTimeout: 30_000 });

let origin: RecordingOrigin;
let gateway: GatewayProcess;

/**
 * One address per case, so that a request billed to another client is visible. The value is the number of its posts,
 * if it is certain.
 */
const used = new Map<string, number | null>();
function ownAddress(posts: number | null = null): string {
  const address = `127.0.9.${used.size + 1}`;
  used.set(address, posts);
  return address;
}

beforeAll(async () => {
  origin = await startRecordingOrigin();
  gateway = await startGatewayProcess({
    upstream: origin.url,
    config: {
      routes: [{ path: '/**', posts: [{ json: '$.data[*]' }] }],
      listen: { headersTimeoutMs: 1_000, idleTimeoutMs: 3_000 },
      upstream: { headersTimeoutMs: 1_500, bodyTimeoutMs: 1_500 },
    },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const HIDDEN = head('GET /hidden HTTP/1.1', 'Host: a');
const get = (path: string, ...lines: string[]): string => head(`GET ${path} HTTP/1.1`, 'Host: a', ...lines);
const post = (...lines: string[]): string => head('POST /carrier HTTP/1.1', 'Host: a', ...lines);
const chunked = (...lines: string[]): string => post('Transfer-Encoding: chunked', ...lines);
const inChunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const CLOSE = 'Connection: close';
const QUIET_MS = 3_000;

/** Returns the hidden requests that the upstream received. */
const hiddenHeard = (): number => origin.requests.filter((text) => text.startsWith('GET /hidden')).length;

/** Returns the requests from this address as the upstream read them. */
const heardFrom = (address: string): string[] =>
  origin.requests.filter((text) => new RegExp(`^x-forwarded-for: ${address}\\r$`, 'im').test(text));

describe('from a client, refused or read as one request', () => {
  it.each<[name: string, bytes: string]>([
    [
      'CL.TE by a tab before the coding',
      `${post('Content-Length: 5', 'Transfer-Encoding:\tchunked')}0\r\n\r\n${HIDDEN}`,
    ],
    [
      'CL.TE by a space before the colon',
      `${post('Content-Length: 5', 'Transfer-Encoding : chunked')}0\r\n\r\n${HIDDEN}`,
    ],
    [
      'TE.CL by two letter cases',
      `${post('transfer-ENCODING: CHUNKED', 'content-length: 4')}${inChunk(HIDDEN)}`,
    ],
    ['TE.TE by a second coding on another line', `${chunked('Transfer-Encoding: cow')}${inChunk(HIDDEN)}`],
    [
      'TE.0 with the hidden request after the last chunk',
      `${chunked('Transfer-Encoding: identity')}0\r\n\r\n${HIDDEN}`,
    ],
    ['a coding in quotes', `${post('Transfer-Encoding: "chunked"', 'Content-Length: 5')}0\r\n\r\n${HIDDEN}`],
    [
      'a coding after a line fold',
      `${post('Transfer-Encoding:\r\n chunked', 'Content-Length: 5')}0\r\n\r\n${HIDDEN}`,
    ],
    [
      'a length after a line fold',
      `${post(`Content-Length:\r\n ${HIDDEN.length}`, 'Content-Length: 0')}${HIDDEN}`,
    ],
    [
      'a length with a leading zero beside another',
      `${post('Content-Length: 00', `Content-Length: ${HIDDEN.length}`)}${HIDDEN}`,
    ],
    ['a length in a list', `${post(`Content-Length: 0, ${HIDDEN.length}`)}${HIDDEN}`],
    ['a length of non-ASCII digits', `${post('Content-Length: \xb2')}${HIDDEN}`],
    ['a bare LF in a chunk extension', `${chunked()}5;a\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['a bare CR in a chunk extension', `${chunked()}5;a\rb\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['two bytes in place of the end of a chunk', `${chunked()}5\r\nhelloXX0\r\n\r\n${HIDDEN}`],
    ['a last chunk that ends in bare LFs', `${chunked()}0\n\n${HIDDEN}`],
    ['a size with a sign', `${chunked()}+0\r\n\r\n${HIDDEN}`],
    ['a size beyond 64 bits', `${chunked()}10000000000000000\r\n\r\n${HIDDEN}`],
    [
      'an upgrade with a length',
      `${get('/carrier', 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length : 0')}${HIDDEN}`,
    ],
    [
      'framing fields in trailers',
      `${chunked()}0\r\nContent-Length: 90\r\nTransfer-Encoding: x\r\n\r\n${HIDDEN}`,
    ],
    ['HTTP/0.9 after a request of 1.1', `${get('/carrier')}GET /hidden\r\n\r\n`],
    ['HTTP/0.9 alone', 'GET /hidden\r\n\r\n'],
    ['the authority of another host', head('GET http://b/hidden HTTP/1.1', 'Host: a', CLOSE)],
    ['the authority with a user', head('GET http://a@b/hidden HTTP/1.1', 'Host: a', CLOSE)],
    [
      'an unknown expectation, and a body',
      `${post('Expect: 200-ok', `Content-Length: ${HIDDEN.length}`, CLOSE)}${HIDDEN}`,
    ],
  ])('%s', async (_name, bytes) => {
    const address = ownAddress();
    const said = await speak(gateway.url, bytes, { localAddress: address, quietMs: 3_500 });
    expect(said.closed).toBe(true);
    expect(hiddenHeard()).toBe(0);
    expect(heardFrom(address).length).toBeLessThanOrEqual(1);
  });
});

describe('from a client, one request with only one reading', () => {
  it.each<[name: string, bytes: string, body: string]>([
    ['CL.0: a request in a body', `${post(`Content-Length: ${HIDDEN.length}`, CLOSE)}${HIDDEN}`, HIDDEN],
    ['TE.0: a request in a chunk', `${chunked(CLOSE)}${inChunk(HIDDEN)}`, HIDDEN],
    [
      'a request in the body of a GET',
      `${get('/carrier', `Content-Length: ${HIDDEN.length}`, CLOSE)}${HIDDEN}`,
      HIDDEN,
    ],
    [
      'a request in a chunk extension',
      `${chunked(CLOSE)}5;a="GET /hidden HTTP/1.1"\r\nhello\r\n0\r\n\r\n`,
      'hello',
    ],
    [
      'trailers that name another client',
      `${chunked('Trailer: Host', CLOSE)}5\r\nhello\r\n0\r\nHost: b\r\nX-API-Key: k\r\n\r\n`,
      'hello',
    ],
    [
      'Expect: 100-continue with an immediate body',
      `${post('Expect: 100-continue', `Content-Length: ${HIDDEN.length}`, CLOSE)}${HIDDEN}`,
      HIDDEN,
    ],
    [
      'a hop-by-hop name for a framing field',
      `${post(`Content-Length: ${HIDDEN.length}`, 'Connection: close, content-length, transfer-encoding')}${HIDDEN}`,
      HIDDEN,
    ],
    [
      'framing fields with underscores',
      `${post(`Content-Length: ${HIDDEN.length}`, 'Transfer_Encoding: chunked', 'Content_Length: 0', CLOSE)}${HIDDEN}`,
      HIDDEN,
    ],
  ])('%s', async (_name, bytes, body) => {
    const address = ownAddress(1);
    const said = await speak(gateway.url, bytes, { localAddress: address, quietMs: QUIET_MS });
    expect(said.statuses.at(-1)).toBe(200);
    expect(hiddenHeard()).toBe(0);
    const [heard = '', ...more] = heardFrom(address);
    expect(more).toEqual([]);
    const fields = heard.slice(0, heard.indexOf('\r\n\r\n'));
    expect(unframed(heard)).toBe(body);
    expect(fields).not.toMatch(/^(transfer_encoding|content_length|expect|x-api-key):/im);
    expect([...fields.matchAll(/^(content-length|transfer-encoding):/gim)]).toHaveLength(1);
    expect([...fields.matchAll(/^host: *a$/gim)]).toHaveLength(1);
  });

  it('bytes after an upgrade that the upstream refuses are not a request', async () => {
    const address = ownAddress(1);
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 777'];
    const said = await speak(gateway.url, `${get('/carrier', ...upgrade)}${HIDDEN}`, {
      localAddress: address,
      quietMs: QUIET_MS,
    });
    expect(said.statuses).toEqual([200]);
    expect(said.closed).toBe(true);
    expect(heardFrom(address)).toHaveLength(1);
    expect(hiddenHeard()).toBe(0);
  });

  it('pipelined requests are exactly as many as they look', async () => {
    const address = ownAddress(3);
    const bytes = `${get('/carrier')}${post('Content-Length: 5')}hello${get('/carrier', CLOSE)}`;
    const said = await speak(gateway.url, bytes, { localAddress: address, quietMs: QUIET_MS });
    expect(said.statuses).toEqual([200, 200, 200]);
    expect(heardFrom(address)).toHaveLength(3);
  });
});

describe('from an upstream that reads another stream than we write', () => {
  const page = (mark: string) => `{"data":[{"id":"${mark}"}]}`;
  const answerOf = (mark: string, ...fields: string[]) =>
    `${head('HTTP/1.1 200 OK', 'Content-Type: application/json', `Content-Length: ${page(mark).length}`, ...fields)}${page(mark)}`;

  /**
   * Returns what a client receives, after checking that the next client on the same connection receives its own
   * answer.
   */
  async function served(
    path: string,
    answer: string | ((socket: Socket) => void),
    posts: number,
    bytes = get(path, CLOSE),
  ) {
    origin.answers.set(path, answer);
    const [address, nextAddress] = [ownAddress(posts), ownAddress(1)];
    const said = await speak(gateway.url, bytes, { localAddress: address, quietMs: QUIET_MS });
    const next = await ask(gateway.url, '/next', { localAddress: nextAddress });
    expect(next).toMatchObject({ status: 200, body: Buffer.from('{"data":[{"id":1}]}') });
    return { ...said, address };
  }

  it('its answer to the body (CL.0) reaches no client, in the same packet or later', async () => {
    const carrier = (path: string) =>
      `${head(`POST ${path} HTTP/1.1`, 'Host: a', CLOSE, `Content-Length: ${HIDDEN.length}`)}${HIDDEN}`;
    const atOnce = await served('/cl0', answerOf('first') + answerOf('stolen'), 1, carrier('/cl0'));
    expect(atOnce.text).toContain(page('first'));
    expect(atOnce.text).not.toContain('stolen');
    // The late bytes follow the next client's answer. A proxy cannot distinguish bytes that arrive during its
    // request.
    let answerAgain = (): void => {};
    const late = (socket: Socket) => {
      socket.write(answerOf('first'));
      answerAgain = () => socket.write(answerOf('stolen'));
    };
    const later = await served('/cl0-late', late, 1, carrier('/cl0-late'));
    answerAgain();
    await served('/behind', answerOf('own'), 1);
    expect(later.text).toContain(page('first'));
    expect(later.text).not.toContain('stolen');
  });

  it.each<[name: string, bytes: string]>([
    ['a field with a bare LF', 'HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: stolen\r\nContent-Length: 0\r\n\r\n'],
    ['a status line with a bare CR', 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n'],
    [
      'an unsupported coding',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, x\r\nContent-Length: 1\r\n\r\nx',
    ],
    [
      'a chunked answer of 1.0 with a length',
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
    ],
    ['lengths in a list', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nokk'],
  ])('%s is a 502', async (name, bytes) => {
    const said = await served(`/split/${name.length}`, bytes, 0);
    expect(said.statuses).toEqual([502]);
    expect(said.text).not.toMatch(/^set-cookie/im);
  });

  it.each<[name: string, status: string]>([
    ['204', '204 No Content'],
    ['304', '304 Not Modified'],
  ])('a %s has no body, whatever follows it', async (name, status) => {
    const said = await served(`/bodiless/${name}`, `HTTP/1.1 ${status}\r\n\r\n${answerOf('stolen')}`, 0);
    expect(said.text).not.toContain('stolen');
    expect(said.statuses).toEqual([Number(name)]);
  });

  it('the answer to HEAD has no body, whatever follows it', async () => {
    const said = await served('/head', answerOf('stolen'), 0, head('HEAD /head HTTP/1.1', 'Host: a', CLOSE));
    expect(said.statuses).toEqual([200]);
    expect(said.text).not.toContain('stolen');
  });

  it('a folded field is one field, or none', async () => {
    const bytes = `HTTP/1.1 200 OK\r\nX-Folded: a\r\n Set-Cookie: stolen\r\nContent-Length: 0\r\n\r\n`;
    const said = await served('/folded', bytes, 0);
    expect(said.text).not.toMatch(/^\s*set-cookie/im);
  });

  it('it cannot remove our fields, and cannot set them in our name', async () => {
    const fields = ['Connection: close, RateLimit, RateLimit-Policy, Via', 'RateLimit: "posts-24h";r=0;t=1'];
    const { address, ...first } = await served('/fields', answerOf('own', ...fields, 'X-Post-Count: 7'), 7);
    const answers = [first.text];
    const isLimited = async () => {
      const options = { localAddress: address, quietMs: QUIET_MS };
      answers.push((await speak(gateway.url, get('/fields', CLOSE), options)).text);
      return /^RateLimit: /m.test(answers.at(-1)!);
    };
    await expect.poll(isLimited, { timeout: 10_000, interval: 100 }).toBe(true);
    used.set(address, 7 * answers.length);
    for (const text of answers) {
      // The field is absent until the process knows the total.
      const limits = [...text.matchAll(/^ratelimit:.*$/gim)].map(([line]) => line);
      expect(limits.join('; ')).toMatch(/^(RateLimit: "posts-24h";r=(1000000|999\d\d\d);t=\d+)?$/);
      expect(text).toMatch(/^Via: .*postmeter\r$/im);
      expect(text).not.toMatch(/^x-post-count/im);
    }
  });

  it('fields in its trailers affect no framing, count or log line', async () => {
    const body = page('own');
    const bytes = `${head('HTTP/1.1 200 OK', 'Content-Type: application/json', 'Transfer-Encoding: chunked', 'Trailer: X-Sum')}${body.length.toString(16)}\r\n${body}\r\n0\r\nX-Sum: 1\r\nX-Post-Count: 900\r\nSet-Cookie: stolen\r\nRateLimit: "a";r=0\r\n\r\n`;
    const said = await served('/trailers', bytes, 1, get('/trailers', CLOSE, 'TE: trailers'));
    expect(said.text).toContain(body);
    const trailers = said.text.slice(said.text.indexOf('\r\n0\r\n'));
    expect(trailers).toMatch(/^x-sum: 1\r$/im);
    expect(trailers).not.toMatch(/^(content-length|x-post-count|set-cookie|ratelimit):/im);
  });

  it('a flood of informational answers is cut off, and costs the client one request', async () => {
    const said = await served(
      '/flood',
      (socket) => {
        const flood = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(50)), 5);
        socket.on('close', () => clearInterval(flood));
      },
      0,
    );
    expect(said.statuses.at(-1)).toBe(502);
  });
});

describe('after all cases', () => {
  it('a client sent every request that the upstream received', () => {
    const known = [...used.keys()].reduce((sum, address) => sum + heardFrom(address).length, 0);
    expect(known).toBe(origin.requests.length);
  });

  it('each address is billed for the requests that the upstream received from it, and for its own posts', async () => {
    for (const [address, posts] of used) {
      const heard = heardFrom(address).length;
      const account = () => usageOf(gateway, `addr:${address}`);
      // The upstream does not count a request that broke off in its body, but we do.
      await expect
        .poll(async () => (await account()).requests, { timeout: 10_000 })
        .toBeGreaterThanOrEqual(heard);
      const billed = await account();
      if (posts === null) expect(billed.posts).toBeLessThanOrEqual(heard);
      else expect({ address, ...billed }).toMatchObject({ address, posts, requests: heard });
    }
  });
});

/** Returns the body of a request according to its own framing. */
function unframed(request: string): string {
  const bodyAt = request.indexOf('\r\n\r\n') + 4;
  const body = request.slice(bodyAt);
  if (!/^transfer-encoding: *chunked/im.test(request.slice(0, bodyAt))) return body;
  let whole = '';
  for (let rest = body; ; ) {
    const line = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, line), 16);
    if (!(size > 0)) return whole;
    whole += rest.slice(line + 2, line + 2 + size);
    rest = rest.slice(line + 4 + size);
  }
}
