import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

let echo: Server;
let proxy: TcpProxy;

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.stop();
  echo.close();
});

interface Caller {
  readonly socket: Socket;
  heard: string;
  /** How the connection ended; undefined while it is open. */
  end: string | undefined;
}

function call(): Caller {
  const caller: Caller = { socket: connect(proxy.port, '127.0.0.1'), heard: '', end: undefined };
  caller.socket.on('data', (chunk) => {
    caller.heard += chunk.toString();
  });
  caller.socket.on('error', (error: NodeJS.ErrnoException) => {
    caller.end = error.code;
  });
  caller.socket.on('close', () => {
    caller.end ??= 'closed';
  });
  return caller;
}

it('forwards bytes and ends, and puts itself into a URL', async () => {
  expect(proxy.through('postgres://user@db:5432/name')).toBe(`postgres://user@127.0.0.1:${proxy.port}/name`);
  const caller = call();
  caller.socket.end('hello');
  await until('the connection has ended', () => caller.end !== undefined);
  expect(caller).toMatchObject({ heard: 'hello', end: 'closed' });
});

it('cuts open connections, and accepts new ones', async () => {
  const caller = call();
  caller.socket.write('hello');
  await until('the server answers', () => caller.heard === 'hello');
  proxy.cut();
  await until('the connection is cut', () => caller.end === 'ECONNRESET');
  const next = call();
  next.socket.end('again');
  await until('the server answers again', () => next.heard === 'again');
});

it('refuses connections like a closed port until it is healed', async () => {
  await proxy.refuse();
  const caller = call();
  await until('the connection is refused', () => caller.end === 'ECONNREFUSED');
  await proxy.heal();
  const next = call();
  next.socket.end('again');
  await until('the server answers again', () => next.heard === 'again');
});

it('is silent, and later resets the connections whose bytes it discarded', async () => {
  const caller = call();
  caller.socket.write('one');
  await until('the server answers', () => caller.heard === 'one');
  proxy.stall();
  caller.socket.write('two');
  const late = call();
  late.socket.write('three');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([caller, late]).toMatchObject([
    { heard: 'one', end: undefined },
    { heard: '', end: undefined },
  ]);
  await proxy.heal();
  await until('both are reset', () => caller.end === 'ECONNRESET' && late.end === 'ECONNRESET');
});

it('halves a packet, and breaks the connection after the half', async () => {
  proxy.halve();
  const caller = call();
  caller.socket.write('12345678');
  await until('the connection is cut', () => caller.end !== undefined);
  // Half of the packet reached the server. Half of its echo reached the client, unless the reset came first.
  expect('1234'.startsWith(caller.heard)).toBe(true);
});

it('delays without changing the order, even if the delay changes', async () => {
  proxy.delay(100);
  const caller = call();
  caller.socket.write('one ');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await proxy.heal();
  caller.socket.write('two');
  await until('both packets have arrived', () => caller.heard.length === 7);
  expect(caller.heard).toBe('one two');
});
