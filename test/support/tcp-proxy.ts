/** A TCP proxy on loopback that stands for the network between two processes, and fails as networks do. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TcpProxy {
  readonly port: number;
  /** `url` with this proxy in the place of host and port. */
  through(url: string): string;
  /** Breaks every connection with a reset, and lets new ones be made. */
  cut(): void;
  /** Breaks every connection, and refuses new ones (nobody listens) until `heal`. */
  refuse(): Promise<void>;
  /** Connections stand and new ones are taken, but nothing moves any more; until `heal`, when they are all reset. */
  stall(): void;
  /** Every chunk comes this much later, in order, either way. */
  delay(ms: number): void;
  /** Of the next chunk of each connection only the first half arrives, then the connection breaks; until `heal`. */
  halve(): void;
  /** Everything passes again. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

type Mode = 'pass' | 'stall' | 'halve';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** @param target where the real server listens on 127.0.0.1. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let mode: Mode = 'pass';
  let delayMs = 0;

  const breakOff = (pair: Pair): void => {
    pairs.delete(pair);
    for (const socket of [pair.client, pair.server]) {
      // One that has been ended refuses the reset, and its handle would stay open for ever.
      if (socket.writableEnded) socket.destroy();
      else if (!socket.destroyed) socket.resetAndDestroy();
    }
  };
  const cut = (): void => {
    for (const pair of [...pairs]) breakOff(pair);
  };
  const deliver = (pair: Pair, to: Socket, chunk: Buffer): void => {
    if (mode === 'stall' || to.destroyed) return;
    if (mode === 'pass') return void to.write(chunk);
    // Whoever has the half has it before the reset, which would overtake it.
    to.write(chunk.subarray(0, chunk.length >> 1), () => breakOff(pair));
  };
  const forward = (pair: Pair, from: Socket, to: Socket): void => {
    // One after the other, also where the delay changes: a connection never changes the order.
    let before = Promise.resolve();
    const later = (run: () => void): void => {
      const due = delayMs === 0 ? undefined : sleep(delayMs);
      before = Promise.all([before, due]).then(run);
    };
    from.on('data', (chunk: Buffer) => later(() => deliver(pair, to, chunk)));
    from.on('end', () => later(() => mode !== 'stall' && to.end()));
    from.on('error', () => breakOff(pair));
    from.on('close', () => to.destroyed && pairs.delete(pair));
  };
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const pair = { client, server: connect({ port: target, host: '127.0.0.1', allowHalfOpen: true }) };
    for (const socket of [pair.client, pair.server]) socket.setNoDelay(true);
    pairs.add(pair);
    forward(pair, pair.client, pair.server);
    forward(pair, pair.server, pair.client);
  });
  const port = await listenOn(listener, 0);

  return {
    port,
    through: (url) => {
      const other = new URL(url);
      other.hostname = '127.0.0.1';
      other.port = String(port);
      return other.href;
    },
    cut,
    refuse: async () => {
      if (!listener.listening) return;
      const closed = once(listener, 'close');
      listener.close();
      cut();
      await closed;
    },
    stall: () => {
      mode = 'stall';
    },
    delay: (ms) => {
      delayMs = ms;
    },
    halve: () => {
      mode = 'halve';
    },
    heal: async () => {
      // What was swallowed is missing in the middle of these connections: they cannot go on.
      if (mode === 'stall') cut();
      mode = 'pass';
      delayMs = 0;
      if (!listener.listening) await listenOn(listener, port);
    },
    stop: async () => {
      if (!listener.listening) return cut();
      const closed = once(listener, 'close');
      listener.close();
      cut();
      await closed;
    },
  };
}

async function listenOn(listener: Server, port: number): Promise<number> {
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}
