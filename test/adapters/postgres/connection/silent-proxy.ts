/** A network between us and a server that can fall silent: it takes bytes, passes none on, and closes nothing. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SilentProxy {
  /** The server's URL by way of the proxy. */
  readonly url: string;
  /** From now on nothing passes, on old connections and on new ones. */
  silence(): void;
  /** New connections pass again; what was silent stays so. */
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
      // A reset of either side is the end of both; a connection that fell silent hears of neither.
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
