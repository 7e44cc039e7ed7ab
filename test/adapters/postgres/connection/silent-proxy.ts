/** A network before a server that can become silent: it takes bytes, forwards none, and closes nothing. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SilentProxy {
  /** The server's URL through the proxy. */
  readonly url: string;
  /** Stops all traffic on existing and new connections. */
  silence(): void;
  /** New connections work again. Silent ones stay silent. */
  speak(): void;
  stop(): Promise<void>;
}

export async function silentProxy(serverUrl: string): Promise<SilentProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // A reset of either side ends both. A silent connection notices neither.
      from.on('error', () => {});
      from.on('data', (bytes) => muted.has(near) || silent || to.write(bytes));
      from.on('close', () => muted.has(near) || to.destroy());
    }
    near.on('data', () => silent && muted.add(near));
    if (silent) muted.add(near);
    open.add(near);
  });
  const open = new Set<Socket>();
  const muted = new Set<Socket>();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the proxy has no port');
  url.port = String(address.port);
  return {
    url: url.href,
    silence: () => {
      silent = true;
      for (const near of open) muted.add(near);
    },
    speak: () => {
      silent = false;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
