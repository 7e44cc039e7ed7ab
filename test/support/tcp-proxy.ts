/** A TCP proxy on loopback. It represents the network between two processes, and fails like networks do. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TcpProxy {
  readonly port: number;
  /** Returns `url` with this proxy as host and port. */
  through(url: string): string;
  /** Resets every connection, and accepts new ones. */
  cut(): void;
  /** Breaks every connection, and refuses new ones until `heal`, as if no process listens. */
  refuse(): Promise<void>;
  /** Keeps connections open and accepts new ones, but forwards nothing until `heal`, which resets them all. */
  stall(): void;
  /** Delays every chunk by this time, in order and in both directions. */
  delay(ms: number): void;
  /**
   * Forwards only the first half of the next chunk of each connection, and then breaks the connection, until `heal`.
   */
  halve(): void;
  /** Forwards everything again. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

type Mode = 'pass' | 'stall' | 'halve';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** @param target port of the real server on 127.0.0.1. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let mode: Mode = 'pass';
  let delayMs = 0;

  const breakOff = (pair: Pair): void => {
    pairs.delete(pair);
    for (const socket of [pair.client, pair.server]) {
      // An ended socket refuses the reset, and its handle would stay open forever.
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
    // The half must arrive before the reset, which would overtake it.
    to.write(chunk.subarray(0, chunk.length >> 1), () => breakOff(pair));
  };
  const forward = (pair: Pair, from: Socket, to: Socket): void => {
    // Chunks wait for each other even if the delay changes, because a connection never changes the order.
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
      // Discarded bytes are missing in the middle of these connections, so they cannot continue.
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
