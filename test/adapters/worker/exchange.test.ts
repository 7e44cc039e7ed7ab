import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { type GatewayRig, startGatewayRig } from './gateway-rig.ts';

const page = Buffer.from(
  JSON.stringify({ data: Array.from({ length: 700 }, (_, id) => ({ id, text: `post ${id} é "quoted"` })) }),
);
/** A frame with one raw block (RFC 8878), which is valid and not compressed. */
const zstd = Buffer.concat([
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x60, (page.length - 256) & 255, (page.length - 256) >> 8]),
  Buffer.from([((page.length << 3) | 1) & 255, (page.length >> 5) & 255, (page.length >> 13) & 255]),
  page,
]);
const encoded: Readonly<Record<string, Buffer>> = {
  identity: page,
  gzip: gzipSync(page),
  br: brotliCompressSync(page),
  zstd,
};
/** Too large for a response in one piece. */
const brokenPage = Buffer.from(JSON.stringify({ data: Array.from({ length: 9_000 }, (_, id) => ({ id })) }));
const postsIn = (body: Buffer) => body.toString().split('}').length - 1;
const MEGABYTE = Buffer.alloc(1024 * 1024, 7);
const arrived: { method: string; url: string; headers: IncomingMessage['headers']; hash: string }[] = [];
let closedByUs = 0;

async function origin(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = incoming;
  const hash = createHash('sha256');
  for await (const chunk of incoming) hash.update(chunk as Buffer);
  arrived.push({ method, url, headers, hash: hash.digest('hex') });
  const name = url.split('?')[0]!.split('/').at(-1)!;
  const body = encoded[name];
  if (body !== undefined) {
    const coding = name === 'identity' ? {} : { 'content-encoding': name };
    outgoing.writeHead(200, {
      'content-type': 'application/json',
      ...coding,
      'content-length': body.length,
      'set-cookie': ['a=1', 'b=2'],
    });
    outgoing.end(body);
  } else if (name === 'chunked') {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.write(page.subarray(0, 1000));
    setTimeout(() => outgoing.end(page.subarray(1000)), 20);
  } else if (name === 'broken' || name === 'cut') {
    const body = name === 'cut' ? page : brokenPage;
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    outgoing.write(body.subarray(0, body.length / 2));
    setTimeout(() => outgoing.destroy(), 50);
  } else if (name === 'events') {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    let id = 0;
    const timer = setInterval(() => outgoing.write(`data: {"data":[{"id":${id++}}]}\n\n`), 100);
    outgoing.on('close', () => {
      clearInterval(timer);
      closedByUs++;
    });
  } else if (name === 'big') {
    outgoing.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': 50 * MEGABYTE.length,
    });
    for (let sent = 0; sent < 50; sent++) if (!outgoing.write(MEGABYTE)) await once(outgoing, 'drain');
    outgoing.end();
  } else if (name === 'moved') outgoing.writeHead(302, { location: '/elsewhere' }).end();
  else if (name === 'none') outgoing.writeHead(204).end();
  else if (name === 'same') outgoing.writeHead(304, { etag: '"x"' }).end();
  else if (name === 'part') {
    outgoing.writeHead(206, { 'content-range': 'bytes 0-9/100', 'content-length': 10 }).end('0123456789');
  } else if (name === 'away') incoming.socket.destroy();
  else outgoing.writeHead(404, { 'content-type': 'text/plain' }).end('no such page');
}

function socketAnswer(protocol: string, text: string): string {
  const data = [{ id: 1 }, { id: 2 }];
  if (protocol === '') return JSON.stringify({ data, to: text });
  const { id } = JSON.parse(text) as { id: string };
  return JSON.stringify({ id, type: 'next', payload: { data: { mine: data } } });
}

/** Sends 20 MB at once, to a client that does not read. */
function flood(socket: WebSocket): void {
  const message = `{"data":[{"id":1}],"padding":"${'x'.repeat(50_000)}"}`;
  for (let sent = 0; sent < 400; sent++) socket.send(message);
}

const config = {
  routes: [
    { path: '/posts/graphql', format: 'graphql', posts: [{ graphql: 'posts' }] },
    { path: '/posts/events', format: 'sse', posts: [{ json: '$.data[*]' }] },
    { path: '/posts/socket', format: 'websocket', posts: [{ json: '$.data[*]' }] },
    { path: '/posts/*', posts: [{ json: '$.data[*]' }] },
  ],
  // Five calls, and those reserved for the end of a stream.
  edge: { maxCalls: 25, maxSocketBytes: 1_000_000 },
};

describe('the gateway in workerd', () => {
  let rig: GatewayRig;
  const sockets = new WebSocketServer({ noServer: true });

  beforeAll(async () => {
    rig = await startGatewayRig(
      (incoming, outgoing) => void origin(incoming, outgoing).catch(() => outgoing.destroy()),
      config,
      (incoming, socket, head) =>
        sockets.handleUpgrade(incoming, socket, head, (opened) => {
          opened.on('message', (text) => {
            if (String(text) === 'flood') flood(opened);
            else opened.send(socketAnswer(opened.protocol, String(text)));
          });
        }),
    );
  });
  afterAll(async () => {
    sockets.close();
    await rig.stop();
  });
  afterEach(async () => {
    await rig.behave({});
    await rig.held();
  });

  const posts = async () => (await rig.held()).usage.reduce((sum, usage) => sum + usage.posts, 0);

  it.each(Object.keys(encoded))('forwards every byte of a body in %s, and counts it', async (name) => {
    const { message, body, isWhole } = await rig.ask(`/posts/${name}`, {
      headers: { 'accept-encoding': 'gzip, br, zstd' },
    });
    expect(message.statusCode).toBe(200);
    expect(body.equals(encoded[name]!)).toBe(true);
    expect(isWhole).toBe(true);
    expect(message.headers['content-length']).toBe(String(encoded[name]!.length));
    expect(message.headers['content-encoding']).toBe(name === 'identity' ? undefined : name);
    expect(message.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    const { usage } = await rig.held();
    expect(usage).toMatchObject([{ posts: 700, requests: 1, bytes: encoded[name]!.length, uncounted: 0 }]);
  });

  it('forwards a body of unknown length', async () => {
    const { body, isWhole } = await rig.ask('/posts/chunked');
    expect(body.equals(page) && isWhole).toBe(true);
    expect(await posts()).toBe(700);
  });

  it.each([
    ['/posts/moved', 302, { location: '/elsewhere' }],
    ['/posts/none', 204, {}],
    ['/posts/same', 304, { etag: '"x"' }],
    ['/posts/missing', 404, { 'content-type': 'text/plain' }],
    ['/part', 206, { 'content-range': 'bytes 0-9/100', 'content-length': '10' }],
  ])('forwards %s with its status %i', async (path, status, headers) => {
    const { message, isWhole } = await rig.ask(path);
    expect(message.statusCode).toBe(status);
    expect(message.headers).toMatchObject(headers);
    expect(isWhole).toBe(true);
  });

  it('answers HEAD with the length and no body', async () => {
    const { message, body } = await rig.ask('/posts/identity', { method: 'HEAD' });
    expect(message.headers['content-length']).toBe(String(page.length));
    expect(body).toHaveLength(0);
    expect(await posts()).toBe(0);
  });

  it('forwards target and body of a request unchanged', async () => {
    const { message } = await rig.ask('/posts/identity?a=%7b&b=%2F', { method: 'POST', body: MEGABYTE });
    expect(message.statusCode).toBe(200);
    const { method, url, headers, hash } = arrived.at(-1)!;
    expect([method, url]).toEqual(['POST', '/posts/identity?a=%7b&b=%2F']);
    expect(hash).toBe(createHash('sha256').update(MEGABYTE).digest('hex'));
    expect(headers).toMatchObject({
      'content-length': String(MEGABYTE.length),
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'platform.test',
    });
  });

  it('streams 50 MB', async () => {
    const { body, isWhole } = await rig.ask('/big');
    expect(isWhole && body.length === 50 * MEGABYTE.length).toBe(true);
    await expect.poll(async () => (await rig.held()).usage.at(-1)?.bytes).toBe(50 * MEGABYTE.length);
  });

  it('aborts the response with the upstream, and counts what was delivered', async () => {
    const { body, isWhole } = await rig.ask('/posts/broken');
    expect(isWhole).toBe(false);
    expect(body.length).toBeGreaterThan(0);
    expect(brokenPage.subarray(0, body.length).equals(body)).toBe(true);
    expect(await posts()).toBeGreaterThanOrEqual(postsIn(body));
  });

  it.each(['cut', 'away'])(
    'responds with 502 if the upstream does not send a small body whole, and counts nothing (%s)',
    async (name) => {
      const { message, body } = await rig.ask(`/posts/${name}`);
      expect(message.statusCode).toBe(502);
      expect(JSON.parse(body.toString())).toMatchObject({ status: 502, code: 'upstream_broke_off' });
      expect((await rig.held()).usage).toMatchObject([{ posts: 0, requests: 1, bytes: 0 }]);
    },
  );

  it('delivers head and body of a small response once its usage is on disk', async () => {
    await rig.behave({ answerAfterMs: 300 });
    const asking = request(`${rig.url}/posts/identity`, { headers: { 'cf-connecting-ip': '203.0.113.9' } });
    const sentMs = performance.now();
    const [message] = (await once(asking.end(), 'response')) as [IncomingMessage];
    expect(performance.now() - sentMs).toBeGreaterThan(280);
    message.resume();
    await once(message, 'end');
    expect(await posts()).toBe(700);
  });

  it('delivers each event at once, meters it, and closes the upstream with the client', async () => {
    const before = closedByUs;
    const asking = request(`${rig.url}/posts/events`, {
      headers: { 'cf-connecting-ip': '203.0.113.9' },
    }).end();
    const [message] = (await once(asking, 'response')) as [IncomingMessage];
    const [first] = (await once(message, 'data')) as [Buffer];
    expect(first.toString()).toBe('data: {"data":[{"id":0}]}\n\n');
    await expect.poll(posts).toBeGreaterThan(0);
    message.on('error', () => {});
    asking.destroy();
    await expect.poll(() => closedByUs).toBe(before + 1);
  });

  it('forwards the messages of a WebSocket, and counts them', async () => {
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/posts/socket`, {
      headers: { 'cf-connecting-ip': '203.0.113.9' },
    });
    await once(socket, 'open');
    socket.send('hello');
    const [text] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(text.toString())).toMatchObject({ to: 'hello' });
    socket.close(1000);
    await once(socket, 'close');
    let sum = 0;
    await expect.poll(async () => (sum += await posts())).toBe(2);
  });

  it('ends a stream cleanly while calls are left to meter all of it', async () => {
    await rig.behave({ failures: 5 });
    const { body, isWhole } = await rig.ask('/posts/events', {
      headers: { 'cf-connecting-ip': '203.0.113.10' },
    });
    expect(isWhole).toBe(true);
    const events = body.toString().split('\n\n').length - 1;
    expect(events).toBeGreaterThan(1);
    let sum = 0;
    await expect.poll(async () => (sum += await posts()), { timeout: 10_000 }).toBe(events);
  });

  it('closes a WebSocket with 1012 while calls are left to meter all of it', async () => {
    await rig.behave({ failures: 5 });
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/posts/socket`, {
      headers: { 'cf-connecting-ip': '203.0.113.11' },
    });
    await once(socket, 'open');
    let messages = 0;
    socket.on('message', () => messages++);
    const asking = setInterval(() => socket.send('more'), 100);
    const [code] = (await once(socket, 'close')) as [number];
    clearInterval(asking);
    expect(code).toBe(1012);
    expect(messages).toBeGreaterThan(1);
    let sum = 0;
    await expect.poll(async () => (sum += await posts()), { timeout: 10_000 }).toBe(2 * messages);
  });

  it('reads the GraphQL operations of a WebSocket, and closes it if one cannot be counted', async () => {
    const open = async (protocol: string) => {
      const headers = { 'cf-connecting-ip': '203.0.113.9' };
      const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/posts/graphql`, protocol, { headers });
      await once(socket, 'open');
      return socket;
    };
    const ask = (query: string) => JSON.stringify({ id: '1', type: 'subscribe', payload: { query } });
    const socket = await open('graphql-transport-ws');
    socket.send(ask('{mine:posts{id}}'));
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toMatchObject({ type: 'next' });
    let heard = 0;
    socket.on('message', () => heard++);
    socket.send(ask('{mine:users{id}}'));
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(reason), heard]).toEqual([4_400, expect.stringContaining('the same id'), 0]);
    let sum = 0;
    await expect.poll(async () => (sum += await posts())).toBe(2);
    await expect(open('other')).rejects.toThrow('400');
  });

  it('closes a WebSocket of a client that does not read after maxSocketBytes, and that of the platform', async () => {
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/posts/socket`, {
      headers: { 'cf-connecting-ip': '203.0.113.12' },
    });
    await once(socket, 'open');
    socket.pause();
    let messages = 0;
    socket.on('message', () => messages++);
    socket.send('flood');
    let sum = 0;
    await expect.poll(async () => (sum += await posts()), { timeout: 10_000 }).toBe(20);
    await expect.poll(() => sockets.clients.size).toBe(0);
    socket.resume();
    const [code] = (await once(socket, 'close')) as [number];
    expect([code, messages]).toEqual([1012, 20]);
  });

  it('sends the head of a long response at once, and its end after its usage is on disk', async () => {
    await rig.behave({ answerAfterMs: 300 });
    const asking = request(`${rig.url}/posts/chunked`, {
      headers: { 'cf-connecting-ip': '203.0.113.9' },
    }).end();
    const [message] = (await once(asking, 'response')) as [IncomingMessage];
    const headMs = performance.now();
    message.resume();
    await once(message, 'end');
    expect(performance.now() - headMs).toBeGreaterThan(200);
    expect(await posts()).toBe(700);
  });

  it.each([true, false])(
    'retries a failed call, and the usage counts once (taken before the failure: %s)',
    async (failsAfterTaking) => {
      await rig.behave({ failures: 2, failsAfterTaking });
      const { isWhole } = await rig.ask('/posts/identity');
      expect(isWhole).toBe(true);
      const { calls, usage } = await rig.held();
      expect(calls).toBe(3);
      expect(usage).toMatchObject([{ posts: 700 }]);
    },
  );

  it('delivers a response whose usage cannot be sent, and sends the usage later', async () => {
    await rig.behave({ failures: 4 });
    const { isWhole } = await rig.ask('/posts/identity');
    expect(isWhole).toBe(true);
    let sum = 0;
    await expect.poll(async () => (sum += await posts()), { timeout: 10_000 }).toBe(700);
  });

  it('sends the usage that arrives during a call with the next one, and loses none', async () => {
    await rig.behave({ answerAfterMs: 50 });
    const responses = 400;
    let asked = 0;
    const worker = async () => {
      while (asked++ < responses) expect((await rig.ask('/posts/identity')).isWhole).toBe(true);
    };
    await Promise.all(Array.from({ length: 40 }, worker));
    const { calls, usage } = await rig.held();
    expect(usage.reduce((sum, { posts }) => sum + posts, 0)).toBe(responses * 700);
    expect(calls).toBeLessThan(responses / 2);
  });
});
