/**
 * Many connections as plain sockets, so that the test measures the cost of the gateway and not of a client library.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Crowd {
  readonly sockets: readonly Socket[];
  leave(): void;
}

/** Limits simultaneous connects, so that the accept queue never overflows. */
const DIALLED_AT_ONCE = 200;

/** Opens connections from 127.0.0.1. Rejects if one of them is refused. */
export async function gather(port: number, count: number): Promise<Crowd> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const next = Array.from({ length: Math.min(DIALLED_AT_ONCE, count - sockets.length) }, () => dial(port));
    sockets.push(...(await Promise.all(next)));
  }
  return {
    sockets,
    leave: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy());
  return socket;
}

export function send(socket: Socket, path: string, headers: readonly string[] = []): void {
  socket.write(`GET ${path} HTTP/1.1\r\n${['Host: a', ...headers].join('\r\n')}\r\n\r\n`);
}

/** Reads until `count` bodies of the declared `bodyBytes` are complete, and returns the statuses. */
export function answersOn(socket: Socket, count: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const statuses: number[] = [];
    let head = '';
    let bodyLeft = 0;
    const take = (chunk: Buffer): void => {
      let at = 0;
      while (at < chunk.length) {
        if (bodyLeft > 0) {
          const taken = Math.min(bodyLeft, chunk.length - at);
          bodyLeft -= taken;
          at += taken;
        } else {
          const before = head.length;
          head += chunk.toString('latin1', at, Math.min(chunk.length, at + 4_096));
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) {
            at = Math.min(chunk.length, at + 4_096);
            continue;
          }
          at += end + 4 - before;
          bodyLeft = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
          statuses.push(Number(head.slice(9, 12)));
          head = '';
        }
        if (bodyLeft === 0 && statuses.length === count) {
          socket.off('data', take).off('close', closed);
          resolve(statuses);
        }
      }
    };
    const closed = (): void => reject(new Error(`closed after ${statuses.length} of ${count} answers`));
    socket.on('data', take).on('close', closed).resume();
  });
}
