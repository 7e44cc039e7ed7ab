import { once } from 'node:events';
import { createServer, IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  mayUpgrade,
  serveWithoutUpgrade,
  UPGRADE_OPTIONS,
} from '../../../../src/adapters/node/http/decline-upgrade.ts';
import { OpenConnections } from '../../../../src/adapters/node/http/open-connections.ts';
import { responseOn } from '../../../../src/adapters/node/http/upgrade.ts';

let server: Server;
let onUpgrade: (incoming: IncomingMessage, socket: Socket, head: Buffer) => void;

beforeEach(async () => {
  server = createServer(UPGRADE_OPTIONS, (incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk) => {
      body += chunk;
    });
    incoming.on('end', () => outgoing.end(`[${incoming.method} ${incoming.url} ${body}]`));
  });
  server.on('upgrade', (incoming, socket: Socket, head) => onUpgrade(incoming, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends the parts one after the other, and reads until the text arrives or the server closes. */
async function say(parts: readonly string[], until: RegExp): Promise<{ heard: string; closed: boolean }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let heard = '';
  let closed = false;
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  for (const part of parts) {
    await new Promise((resolve) => socket.write(part, 'latin1', resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await expect.poll(() => heard, { timeout: 5_000 }).toMatch(until);
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
  return { heard, closed };
}

const request = (protocol: string, ...fields: string[]): string =>
  ['POST /a?b HTTP/1.1', 'Host: a', 'Connection: Upgrade', `Upgrade: ${protocol}`, ...fields, '', ''].join(
    '\r\n',
  );

describe('mayUpgrade', () => {
  it.each([
    ['websocket', {}, true],
    ['odd/1', {}, true],
    ['websocket', { 'content-length': '0' }, true],
    ['websocket', { 'content-length': '5' }, false],
    ['websocket', { 'transfer-encoding': 'chunked' }, false],
    ['h2c', {}, false],
    ['H2C', {}, false],
    ['websocket, h2c', {}, false],
    ['h2c-not', {}, true],
  ])('%s %j: %s', (upgrade, fields, may) => {
    const incoming = new IncomingMessage(new Socket());
    Object.assign(incoming.headers, { upgrade, ...fields });
    expect(mayUpgrade(incoming)).toBe(may);
  });
});

describe('serveWithoutUpgrade', () => {
  beforeEach(() => {
    onUpgrade = (incoming, socket, head) => serveWithoutUpgrade(server, incoming, socket, head);
  });

  const BODY = 'x'.repeat(200_000);
  it.each([
    ['without a body', [request('h2c')], ''],
    ['with a body at once', [`${request('h2c', 'Content-Length: 5')}hello`], 'hello'],
    ['with a body that comes later', [request('h2c', 'Content-Length: 5'), 'he', 'llo'], 'hello'],
    [
      'with a chunked body',
      [request('h2c', 'Transfer-Encoding: chunked'), '5\r\nhello\r\n', '0\r\n\r\n'],
      'hello',
    ],
    ['with a large body', [`${request('h2c', `Content-Length: ${BODY.length}`)}${BODY}`], BODY],
  ])('a request %s', async (_what, parts, body) => {
    const { heard, closed } = await say(parts, /\]/);
    expect(heard).toContain(`[POST /a?b ${body}]`);
    expect(closed).toBe(false);
  });

  it('and those after it, including upgrades, are served on the same connection', async () => {
    const plain = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
    const { heard } = await say([request('h2c') + plain + plain, request('h2c'), plain], /(\][\s\S]*){5}/);
    expect(heard.match(/\[.*?\]/g)).toEqual([
      '[POST /a?b ]',
      '[GET /next ]',
      '[GET /next ]',
      '[POST /a?b ]',
      '[GET /next ]',
    ]);
  });
});

it('many h2c requests on one connection leave no listeners', async () => {
  new OpenConnections(server);
  const listeners: number[] = [];
  onUpgrade = (incoming, one, head) => serveWithoutUpgrade(server, incoming, one, head);
  server.on('request', ({ socket }: IncomingMessage) => {
    listeners.push(socket.eventNames().reduce((sum, event) => sum + socket.listenerCount(event), 0));
  });
  await say(Array(20).fill(request('h2c')), /(\][\s\S]*){20}/);
  expect(listeners).toHaveLength(20);
  expect(listeners.at(-1)).toBe(listeners[1]);
});

describe('responseOn', () => {
  it('answers on the bare socket, announces the close, and closes', async () => {
    onUpgrade = (incoming, socket) => responseOn(incoming, socket).writeHead(403).end('no');
    const { heard, closed } = await say([request('websocket')], /no/);
    expect(heard).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(heard).toMatch(/^Connection: close\r$/m);
    expect(closed).toBe(true);
  });
});
