/** The acceptance tests E2 and S3: what a receiver does cannot hold Postmeter up, and private addresses are not reached. */

import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nodePost, type PostOptions } from '../../../../src/adapters/node/notify/post.ts';
import { type Receiving, startReceiving } from '../../postgres/notify/receiving.ts';

let receiving: Receiving;
beforeAll(async () => {
  receiving = await startReceiving();
});
afterAll(() => receiving.close());
beforeEach(() => {
  receiving.got.length = 0;
  receiving.answer = (response) => void response.writeHead(204).end();
});

const post = (url = receiving.url, options: Partial<PostOptions> = {}) =>
  nodePost({ allowPrivate: true, timeoutMs: 15_000, ...options })(url, { 'x-a': 'b' }, '{"a":"ä"}');

describe('a message', () => {
  test('is posted with its headers and body', async () => {
    expect(await post()).toEqual({ status: 204, retryAfter: null, head: '' });
    expect(receiving.got).toMatchObject([{ path: '/hook', body: '{"a":"ä"}', headers: { 'x-a': 'b' } }]);
  });

  test('to a receiver that hangs before or within its response ends in time', async () => {
    receiving.answer = () => {};
    await expect(post(receiving.url, { timeoutMs: 500 })).rejects.toThrow('no response within 0.5 s');
    receiving.answer = (response) => void response.writeHead(200).write('the beginning');
    expect(await post(receiving.url, { timeoutMs: 2_000 })).toMatchObject({
      status: 200,
      head: 'the beginning',
    });
  });

  test('is not sent on by a redirect', async () => {
    receiving.answer = (response) => void response.writeHead(307, { location: '/elsewhere' }).end();
    expect(await post()).toMatchObject({ status: 307 });
    expect(receiving.got).toHaveLength(1);
  });

  test('to a receiver that answers 10 MB reads 64 KB and keeps 2 KB', async () => {
    let sent = 0;
    receiving.answer = (response) => {
      response.writeHead(500);
      const write = () => {
        while (sent < 10_000_000 && response.writable) {
          sent += 10_000;
          if (!response.write('x'.repeat(10_000))) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    };
    const { status, head } = await post();
    expect({ status, length: head.length }).toEqual({ status: 500, length: 2_048 });
    expect(sent).toBeLessThan(10_000_000);
  });

  test('to a receiver that closes early fails with the reason, or counts with its status', async () => {
    receiving.answer = (response) => response.destroy();
    await expect(post()).rejects.toThrow(/socket hang up|ECONNRESET/);
    receiving.answer = (response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('short', () => response.destroy());
    };
    expect(await post()).toMatchObject({ status: 200 });
  });

  test('has the Retry-After of the response', async () => {
    receiving.answer = (response) => void response.writeHead(429, { 'retry-after': '7' }).end();
    expect(await post()).toMatchObject({ status: 429, retryAfter: '7' });
  });
});

describe('private addresses', () => {
  let connected: Socket[];
  let port: number;
  const trap = createServer((socket) => {
    connected.push(socket);
    socket.destroy();
  });
  beforeAll(async () => {
    await new Promise<void>((done) => trap.listen(0, '::', done));
    port = (trap.address() as { port: number }).port;
  });
  beforeEach(() => {
    connected = [];
  });
  afterAll(() => new Promise((done) => trap.close(done)));

  const resolvesTo = (...addresses: string[]) => ({
    allowPrivate: false,
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  });

  test.each([
    ['https://169.254.169.254/latest/meta-data/', {}, 'link-local'],
    ['https://[::1]:PORT/', {}, 'loopback'],
    ['https://[::ffff:127.0.0.1]:PORT/', {}, 'loopback'],
    ['https://127.0.0.1:PORT/', {}, 'loopback'],
    ['https://2130706433:PORT/', {}, 'loopback'],
    ['https://localhost:PORT/', {}, 'private network'],
    ['http://127.0.0.1:PORT/', {}, 'https'],
    ['https://rebind.example:PORT/', resolvesTo('127.0.0.1'), 'loopback'],
    ['https://rebind.example:PORT/', resolvesTo('::1'), 'loopback'],
    ['https://rebind.example:PORT/', resolvesTo('169.254.169.254'), 'link-local'],
    ['https://rebind.example:PORT/', resolvesTo('8.8.8.8', '127.0.0.1'), 'loopback'],
    ['https://rebind.example:PORT/', resolvesTo('::ffff:10.0.0.1'), 'private'],
    ['https://rebind.example:PORT/', resolvesTo(), 'no address'],
  ])('%s %o is refused without a connection', async (url, options, words) => {
    const refused = post(url.replace('PORT', String(port)), { allowPrivate: false, ...options });
    await expect(refused).rejects.toThrow(words);
    expect(connected).toEqual([]);
  });

  test('a name is resolved once, and the connection goes to what was checked', async () => {
    let asked = 0;
    const resolve = async () => {
      asked++;
      return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    };
    const url = receiving.url.replace('127.0.0.1', 'localhost');
    expect(await post(url, { resolve })).toMatchObject({ status: 204 });
    expect(asked).toBe(1);
  });

  test('a redirect to a private address is not followed', async () => {
    receiving.answer = (response) =>
      void response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
    expect(await post()).toMatchObject({ status: 302 });
    expect(connected).toEqual([]);
  });
});
