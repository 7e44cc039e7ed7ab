/** An address that leads to a Redis, as a name or a virtual address does: a failover leads it elsewhere. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface RedisAddress {
  readonly url: string;
  /** Connections that were asked for so far. */
  attempts(): number;
  /** Ends all connections; new ones go to this port, or are ended at once where it is null. */
  leadTo(port: number | null): void;
  /** What is sent from now on is lost on the way, without a word. */
  cut(): void;
  stop(): Promise<void>;
}

export async function startRedisAddress(firstPort: number | null): Promise<RedisAddress> {
  let target = firstPort;
  let attempts = 0;
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {}); // 'close' follows.
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer((client) => {
    attempts += 1;
    keep(client);
    if (target === null) return client.destroy();
    const redis = connect(target, '127.0.0.1');
    keep(redis);
    client.pipe(redis).pipe(client);
    client.once('close', () => redis.destroy());
    redis.once('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    attempts: () => attempts,
    leadTo: (port) => {
      target = port;
      for (const socket of open) socket.destroy();
    },
    cut: () => {
      for (const socket of open) socket.unpipe().pause();
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
