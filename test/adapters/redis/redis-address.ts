/** An address that leads to a Redis like a DNS name or a virtual address. A failover makes it lead to another one. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface RedisAddress {
  readonly url: string;
  /** Number of attempted connections so far. */
  attempts(): number;
  /** Ends all connections. New ones are forwarded to this port, or ended at once if it is null. */
  leadTo(port: number | null): void;
  /** From now on, all bytes are lost silently. */
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
