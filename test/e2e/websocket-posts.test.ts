/** Posts in WebSocket messages, through the gateway and into the ledger, while the connection is open. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { commitOf, create, LIKE, like, messageOf, POST, post } from '../count/atproto/repository.ts';
import { addClients, type Counts, metricOf, setTariff, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { COMPRESSION_NAMES, type SocketOrigin, startSocketOrigin } from '../support/origins/websocket.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let origin: SocketOrigin;
let database: FreshDatabase;
let gateway: GatewayProcess;

beforeAll(async () => {
  origin = await startSocketOrigin();
  database = await freshDatabase('websocket');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: {
      bucketSeconds: 1,
      identify: { credentials: [{ from: 'bearer' }] },
      routes: [
        { name: 'stream', path: '/stream', format: 'websocket', posts: [{ json: '$.data[*]', id: 'id' }] },
        ...['/graphql', '/rawgraphql'].map((path) => ({
          name: 'graphql',
          path,
          format: 'graphql',
          posts: [{ graphql: 'posts', id: 'id' }],
        })),
        { name: 'raw', path: '/raw/**', format: 'websocket', posts: [{ json: '$.data[*]' }] },
        { name: 'firehose', path: '/firehose', format: 'firehose', posts: [{ record: POST }] },
        { name: 'pages', path: '/pages', posts: [{ json: '$.data[*]' }] },
      ],
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  origin?.stop();
  await database?.drop();
});

interface Pair {
  readonly client: WebSocket;
  readonly server: WebSocket;
  /** The messages that the client received, in order. */
  readonly heard: Buffer[];
  readonly closed: Promise<[number, Buffer]>;
}

interface Who {
  readonly localAddress?: string;
  readonly key?: string;
  readonly protocols?: readonly string[];
}

async function open(path: string, { localAddress = '127.0.0.1', key, protocols = [] }: Who): Promise<Pair> {
  const next = origin.next();
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const options = { localAddress, headers };
  const client = new WebSocket(gateway.url.replace('http', 'ws') + path, [...protocols], options);
  const heard: Buffer[] = [];
  client.on('message', (data: Buffer) => heard.push(data));
  client.on('error', () => {});
  const closed = once(client, 'close') as Promise<[number, Buffer]>;
  await once(client, 'open');
  return { client, server: await next, heard, closed };
}

let lastAddress = 40;
/** The ledger's usage of a client that no other test uses. */
const ownAddress = (): string => `127.0.0.${++lastAddress}`;

const page = (posts: number, text = 'a post'): string =>
  JSON.stringify({ data: Array.from({ length: posts }, (_, id) => ({ id, text })) });

const ONCE: Counts = { posts: 0, requests: 1, refused: 0, uncounted: 0 };
const WHILE_OPEN: Counts = { ...ONCE, requests: 0 };

async function expectUsage(client: string, usage: Counts): Promise<void> {
  await expect.poll(() => usageOf(gateway, client), { timeout: 15_000 }).toEqual(usage);
}

async function expectHeard({ heard }: Pair, messages: ReadonlyArray<string | Uint8Array>): Promise<void> {
  await expect.poll(() => heard.length, { timeout: 15_000 }).toBe(messages.length);
  messages.forEach((message, i) => {
    expect(heard[i]!.equals(Buffer.from(message as string))).toBe(true);
  });
}

describe.each(COMPRESSION_NAMES)('JSON messages, compressed: %s', (compress) => {
  it('count while the connection is open; the request counts once, at its end', async () => {
    const localAddress = ownAddress();
    const pair = await open(`/stream?compress=${compress}`, { localAddress });
    expect(pair.client.extensions).toBe(compress === 'no' ? '' : 'permessage-deflate');
    const messages = [page(3), page(0), page(2), page(1, 'words that repeat '.repeat(120_000))];
    for (const message of messages) pair.server.send(message);
    await expectHeard(pair, messages);
    await expectUsage(`addr:${localAddress}`, { ...WHILE_OPEN, posts: 6 });
    pair.server.send(page(4));
    await expectUsage(`addr:${localAddress}`, { ...WHILE_OPEN, posts: 10 });
    pair.client.close(1_000);
    await pair.closed;
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts: 10 });
  });

  it('may arrive in fragments, with pings and pongs between them, or as bytes', async () => {
    const localAddress = ownAddress();
    const pair = await open(`/stream?compress=${compress}`, { localAddress });
    const pinged = once(pair.client, 'ping');
    const text = page(5);
    pair.server.send(text.slice(0, 20), { fin: false });
    pair.server.ping('still here');
    pair.server.send(text.slice(20, 40), { fin: false });
    pair.server.pong();
    pair.server.send(text.slice(40), { fin: true });
    pair.server.send(Buffer.from(page(7)), { binary: true });
    pair.server.send(page(1));
    expect(String((await pinged)[0])).toBe('still here');
    await expectHeard(pair, [text, page(7), page(1)]);
    pair.client.ping();
    await once(pair.client, 'pong');
    pair.server.close(4_000, 'done');
    expect(await pair.closed).toEqual([4_000, Buffer.from('done')]);
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts: 13 });
  });

  it('make the connection uncounted next to the posts that were read, if bytes are not JSON', async () => {
    const localAddress = ownAddress();
    const pair = await open(`/stream?compress=${compress}`, { localAddress });
    const messages = [page(2), Buffer.from('28b52ffd20012800', 'hex'), 'no JSON {'];
    for (const message of messages) pair.server.send(message);
    await expectHeard(
      pair,
      messages.map((message) => Buffer.from(message)),
    );
    pair.server.close();
    await pair.closed;
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts: 2, uncounted: 1 });
  });

  it('cut a client in mid-stream if it is over its limit', async () => {
    const id = `cut-${compress}`;
    const key = (await addClients([gateway], [id])).get(id)!;
    await setTariff([gateway], { id, key }, { threshold: 10, onThreshold: 'refuse' });
    const pair = await open(`/stream?compress=${compress}`, { key });
    const flow = setInterval(() => {
      if (pair.server.readyState === WebSocket.OPEN) pair.server.send(page(3));
    }, 20);
    const [code, reason] = await pair.closed;
    clearInterval(flow);
    expect([code, reason.toString()]).toEqual([1_008, 'over the limit of posts']);
    await expect.poll(() => pair.server.readyState).toBe(WebSocket.CLOSED);
    // The client received exactly the counted messages.
    await expect
      .poll(async () => (await usageOf(gateway, id)).posts, { timeout: 15_000 })
      .toBe(3 * pair.heard.length);
    expect(pair.heard.length).toBeGreaterThanOrEqual(4);
    const again = new WebSocket(`${gateway.url.replace('http', 'ws')}/stream`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const [, response] = (await once(again, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(429);
  });
});

describe('a firehose', () => {
  it('counts the records of commits as they arrive', async () => {
    const localAddress = ownAddress();
    const pair = await open('/firehose?compress=no', { localAddress });
    const a = post('a');
    const b = post('b');
    const l = like('l');
    const messages = [
      messageOf({ op: 1, t: '#identity' }, { did: 'did:plc:one' }),
      commitOf([create(`${POST}/1`, a), create(`${LIKE}/2`, l)], [a, l]),
      commitOf([create(`${POST}/3`, b), { action: 'delete', path: `${POST}/1`, cid: null }], [b]),
    ];
    for (const message of messages) pair.server.send(message);
    await expectHeard(pair, messages);
    await expectUsage(`addr:${localAddress}`, { ...WHILE_OPEN, posts: 2 });
    pair.server.send('text is not for it');
    pair.server.send(Buffer.from('no frame'));
    pair.server.send(messages[1]!);
    await expectUsage(`addr:${localAddress}`, { ...WHILE_OPEN, posts: 3, uncounted: 1 });
    pair.client.close();
    await pair.closed;
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts: 3, uncounted: 1 });
    expect(
      await metricOf(gateway, 'postmeter_uncounted_responses_total', 'route="firehose"', 'reason="frame"'),
    ).toBe(1);
  });
});

describe('GraphQL', () => {
  const protocols = ['graphql-transport-ws'];
  const subscribe = (id: string, query: string, payload: object = {}) =>
    JSON.stringify({ id, type: 'subscribe', payload: { query, ...payload } });
  const next = (id: string, posts: number) => {
    const data = { mine: Array.from({ length: posts }, (_, key) => ({ key })) };
    return JSON.stringify({ id, type: 'next', payload: { data } });
  };

  it('is counted by the selection of each operation, while the connection is open', async () => {
    const localAddress = ownAddress();
    const pair = await open('/graphql?compress=yes', { localAddress, protocols });
    expect([pair.client.extensions, pair.client.protocol]).toEqual(['', protocols[0]]);
    const asked: string[] = [];
    pair.server.on('message', (text) => asked.push(String(text)));
    const messages = [
      '{"type":"connection_init"}',
      subscribe('1', '{mine:posts{key:id}}'),
      subscribe('2', '{mine:users{id}}'),
    ];
    for (const message of messages) pair.client.send(message);
    await expect.poll(() => asked, { timeout: 15_000 }).toEqual(messages);
    const answers = [
      '{"type":"connection_ack"}',
      next('1', 3),
      next('2', 9),
      '{"type":"complete","id":"2"}',
      next('1', 0),
      next('1', 2),
    ];
    for (const answer of answers) pair.server.send(answer);
    await expectHeard(pair, answers);
    await expectUsage(`addr:${localAddress}`, { ...WHILE_OPEN, posts: 5 });
    pair.client.close();
    await pair.closed;
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts: 5 });
  });

  it.each<[string, string | Buffer]>([
    [
      'that cannot be read',
      '{"type":"subscribe","id":"1","payload":{"query":"{a}"},"payload":{"query":"{posts{id}}"}}',
    ],
    ['over the bound', subscribe('1', '{posts{id}}').padEnd(300_000)],
    ['of bytes that are not JSON', Buffer.from('subscribe')],
  ])('closes the connection over a message %s, unseen by the platform', async (_what, message) => {
    const localAddress = ownAddress();
    const pair = await open('/graphql', { localAddress, protocols });
    const asked: string[] = [];
    pair.server.on('message', (text) => asked.push(String(text)));
    pair.client.send(message);
    expect(await pair.closed).toEqual([
      4_400,
      Buffer.from('this gateway cannot read the message unambiguously'),
    ]);
    await expect.poll(() => pair.server.readyState).toBe(WebSocket.CLOSED);
    expect(asked).toEqual([]);
    await expectUsage(`addr:${localAddress}`, ONCE);
  });

  it('is refused for another protocol, and closed if the platform selects another', async () => {
    const localAddress = ownAddress();
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql', { localAddress });
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(400);
    const accepted = origin.nextRaw();
    const raw = connect({ port: Number(new URL(gateway.url).port), host: '127.0.0.1', localAddress });
    const upgrade =
      'Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    raw.write(`GET /rawgraphql HTTP/1.1\r\n${upgrade}\r\nSec-WebSocket-Protocol: graphql-ws\r\n\r\n`);
    (await accepted).write(Buffer.from([0x81, 2, ...Buffer.from('{}')]));
    const chunks: Buffer[] = [];
    for await (const chunk of raw) chunks.push(chunk as Buffer);
    const all = Buffer.concat(chunks);
    const frames = all.subarray(all.indexOf('\r\n\r\n') + 4);
    expect([frames[0], frames.readUInt16BE(2)]).toEqual([0x88, 4_400]);
  });
});

describe('a client that leaves', () => {
  it('pays for what its socket had accepted, and no more', async () => {
    const localAddress = ownAddress();
    const next = origin.next();
    const socket = connect({ port: Number(new URL(gateway.url).port), host: '127.0.0.1', localAddress });
    socket.write(
      'GET /stream HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const server = await next;
    const message = page(1, 'x'.repeat(10_000));
    const MESSAGES = 5_000;
    for (let i = 0; i < MESSAGES; i++) server.send(message);
    await sleep(500);
    socket.destroy();
    await expect
      .poll(async () => (await usageOf(gateway, `addr:${localAddress}`)).requests, { timeout: 15_000 })
      .toBe(1);
    const { posts, uncounted } = await usageOf(gateway, `addr:${localAddress}`);
    // The buffers of two kernels may hold some megabytes. The rest never left the origin.
    expect(posts).toBeGreaterThan(0);
    expect(posts).toBeLessThan(MESSAGES / 2);
    expect(uncounted).toBe(0);
  });

  it('has its received posts in the ledger if it vanishes without a close', async () => {
    const localAddress = ownAddress();
    const pair = await open('/stream?compress=yes', { localAddress });
    pair.server.send(page(8));
    await expectHeard(pair, [page(8)]);
    pair.client.terminate();
    await expect.poll(() => pair.server.readyState).toBe(WebSocket.CLOSED);
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts: 8 });
  });
});

describe('an unreadable stream', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const upgrade = (path: string, protocol = 'websocket'): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;

  /** Everything that the client receives after the head of a 101, if the origin sends these bytes and closes. */
  async function pass(path: string, localAddress: string, bytes: Buffer, protocol?: string): Promise<Buffer> {
    const next = origin.nextRaw();
    const socket = connect({ port: Number(new URL(gateway.url).port), host: '127.0.0.1', localAddress });
    socket.write(upgrade(path, protocol));
    (await next).end(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const all = Buffer.concat(chunks);
    return all.subarray(all.indexOf('\r\n\r\n') + 4);
  }

  const noise = Buffer.alloc(3_000_000, 'neither frames nor JSON: ');
  const text = (message: string): Buffer =>
    Buffer.concat([Buffer.from([0x81, message.length]), Buffer.from(message)]);

  it.each([
    ['not frames', '/raw', noise, 0],
    ['frames, and then none', '/raw', Buffer.concat([text('{"data":[{},{},{}]}'), noise]), 3],
    ['an unknown extension', '/raw?extensions=x-webkit-deflate-frame', text('{"data":[{},{},{}]}'), 0],
    [
      'a message over the bound',
      '/raw',
      Buffer.concat([Buffer.from([0x81, 127, 0, 0, 0, 0, 1, 0, 0, 0]), noise]),
      0,
    ],
    ['not JSON', '/raw', Buffer.concat([text('42["post",{}]'), text('{"data":[{}]}')]), 1],
  ])('%s: passes unchanged, and is reported as uncounted', async (_what, path, bytes, posts) => {
    const localAddress = ownAddress();
    expect((await pass(path, localAddress, bytes)).equals(bytes)).toBe(true);
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts, uncounted: 1 });
  });

  it('a protocol other than WebSocket has no messages, and is one request', async () => {
    const localAddress = ownAddress();
    const bytes = text('{"data":[{},{},{}]}');
    expect((await pass('/raw', localAddress, bytes, 'odd/1')).equals(bytes)).toBe(true);
    await expectUsage(`addr:${localAddress}`, ONCE);
  });

  it('a route whose posts are in bodies counts no messages', async () => {
    const localAddress = ownAddress();
    const pair = await open('/pages', { localAddress });
    pair.server.send(page(3));
    await expectHeard(pair, [page(3)]);
    // Its request is metered when it is switched.
    await expectUsage(`addr:${localAddress}`, ONCE);
    pair.client.terminate();
  });
});

describe('at shutdown', () => {
  it('no request is left in flight', async () => {
    await expect.poll(() => metricOf(gateway, 'postmeter_requests_in_flight'), { timeout: 30_000 }).toBe(0);
    expect(gateway.process.exitCode).toBeNull();
  });

  it('the usage of open sockets is written', async () => {
    const own = await startGatewayProcess({
      upstream: origin.url,
      env: { DATABASE_URL: database.url },
      config: {
        bucketSeconds: 1,
        routes: [{ path: '/stream', format: 'websocket', posts: [{ json: '$.data[*]' }] }],
        listen: { stopTimeoutMs: 500 },
      },
    });
    const localAddress = ownAddress();
    const next = origin.next();
    const client = new WebSocket(`${own.url.replace('http', 'ws')}/stream?compress=yes`, { localAddress });
    client.on('error', () => {});
    const heard = once(client, 'message');
    const server = await next;
    server.send(page(9));
    await heard;
    expect(await own.stop()).toBe(0);
    await expectUsage(`addr:${localAddress}`, { ...ONCE, posts: 9 });
  });
});
