/** Starts a test's server on a free port of 127.0.0.1. */

import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

export interface Origin {
  readonly url: string;
  readonly port: number;
  /** Breaks all open connections. */
  disconnect(): void;
  stop(): Promise<void>;
}

/** @param server of HTTP, TLS or bytes. Errors of its connections are ignored: clients of tests leave at any time. */
export async function listenLocally(server: Server): Promise<Origin> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const disconnect = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `${server instanceof TlsServer ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    disconnect,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      disconnect();
      await closed;
    },
  };
}
