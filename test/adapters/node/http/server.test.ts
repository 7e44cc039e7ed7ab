import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { inFlightResponse } from '../../../../src/adapters/node/http/open-connections.ts';
import {
  type GatewayServer,
  listen,
  openServer,
  stopServer,
} from '../../../../src/adapters/node/http/server.ts';

const SETTINGS = {
  maxHeaderBytes: 16_384,
  maxConnections: 100,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 60_000,
};
const LONG_MS = 60_000;

const open: GatewayServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await stopServer(server, 0).catch(() => {});
});

async function start(listener: RequestListener, also: (server: GatewayServer) => void = () => {}) {
  const server = openServer(SETTINGS, listener, () => {});
  also(server);
  const port = await listen(server, 0, '127.0.0.1');
  open.push(server);
  return { server, port };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function get(port: number, agent: Agent | false = false): Promise<string> {
  const request = httpRequest({ port, host: '127.0.0.1', agent }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8').reduce<string>((all, chunk) => all + chunk, '');
}

describe('listen', () => {
  it('reports the address that it cannot listen on', async () => {
    const { port } = await start((_incoming, outgoing) => outgoing.end());
    const second = openServer(
      SETTINGS,
      () => {},
      () => {},
    );
    await expect(listen(second, port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('stopServer', () => {
  it('closes idle connections at once, including those that never sent a request', async () => {
    const { server, port } = await start((_incoming, outgoing) => outgoing.end('ok'));
    const agent = new Agent({ keepAlive: true });
    expect(await get(port, agent)).toBe('ok');
    const silent = await dial(port);
    const closed = once(silent, 'close');
    await stopServer(server, LONG_MS);
    await closed;
    agent.destroy();
  });

  it('waits for a response without a head and one in progress, and both announce or see the end', async () => {
    let finish = (): void => {};
    const { server, port } = await start((incoming, outgoing) => {
      if (incoming.url === '/begun') outgoing.write('first, ');
      const before = finish;
      finish = () => {
        before();
        outgoing.end('last');
      };
    });
    const begun = await dial(port);
    const waiting = await dial(port);
    let heard = '';
    let awaited = '';
    begun.on('data', (chunk) => {
      heard += chunk;
    });
    waiting.on('data', (chunk) => {
      awaited += chunk;
    });
    begun.write('GET /begun HTTP/1.1\r\nHost: a\r\n\r\n');
    waiting.write('GET /waiting HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => heard).toContain('first, ');
    await sleep(50);
    const closed = [once(begun, 'close'), once(waiting, 'close')];
    const stopped = stopServer(server, LONG_MS);
    await sleep(50);
    finish();
    await Promise.all([...closed, stopped]);
    expect(heard).toMatch(/last\r\n0\r\n\r\n$/);
    expect(awaited).toMatch(/^Connection: close\r$/m);
    expect(awaited).toMatch(/last$/);
  });

  it('does not cut a response that has ended before the client has read all of it', async () => {
    const body = Buffer.alloc(30_000_000, 'x');
    const { server, port } = await start((_incoming, outgoing) => outgoing.end(body));
    const request = httpRequest({ port, host: '127.0.0.1', agent: new Agent({ keepAlive: true }) }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const stopped = stopServer(server, LONG_MS);
    await sleep(200);
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await once(response, 'end');
    await stopped;
    expect(bytes).toBe(body.length);
  });

  it('cuts requests and upgraded connections that exceed the time limit', async () => {
    let upgraded: Socket | undefined;
    const { server, port } = await start(
      () => {},
      (server) =>
        server.on('upgrade', (_incoming, socket: Socket) => {
          upgraded = socket;
          socket.on('error', () => {});
          socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
        }),
    );
    const [hanging, switched] = [await dial(port), await dial(port)];
    hanging.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    switched.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await once(switched, 'data');
    const closed = [once(hanging, 'close'), once(switched, 'close')];
    let isOver = false;
    const stopped = stopServer(server, 300).then(() => {
      isOver = true;
    });
    await sleep(100);
    expect(isOver).toBe(false);
    expect(upgraded!.destroyed).toBe(false);
    await Promise.all([...closed, stopped]);
  });
});

describe('a server without upgrades', () => {
  it.each(['h2c', 'websocket'])('handles a request for %s like any other', async (protocol) => {
    const { port } = await start((_incoming, outgoing) => outgoing.end('plain'));
    const socket = await dial(port);
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  });
});

it('inFlightResponse distinguishes a busy connection from an idle one', async () => {
  const seen: (boolean | undefined)[] = [];
  const { port } = await start((incoming, outgoing) => {
    seen.push(inFlightResponse(incoming.socket) === outgoing);
    incoming.socket.once('close', () => seen.push(inFlightResponse(incoming.socket) === null));
    outgoing.end('ok');
  });
  await get(port);
  await expect.poll(() => seen).toEqual([true, true]);
});
