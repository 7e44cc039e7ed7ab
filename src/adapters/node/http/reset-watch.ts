/**
 * Detects connections that the client has reset while they are paused: an upload that the platform does not read, or
 * pipelined requests. The operating system reports a reset only to a reader, so such a connection would stay open until
 * the platform's time-out.
 */

import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

const INTERVAL_MS = 1_000;

/** Node caches the public address of a socket; this asks the operating system. */
interface WithHandle {
  readonly _handle?: { getpeername?(out: object): number } | null;
}

export class ResetWatch {
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;

  /** Watches a connection until the event. The timer runs only while connections are watched. */
  add(socket: Socket, until: EventEmitter, event: 'close' | 'resume'): void {
    this.#sockets.add(socket);
    until.once(event, () => this.#sockets.delete(socket));
    this.#timer ??= setInterval(() => this.#check(), INTERVAL_MS).unref();
  }

  #check(): void {
    for (const socket of this.#sockets) {
      if (socket.destroyed) this.#sockets.delete(socket);
      else if (isReset(socket)) socket.destroy();
    }
    if (this.#sockets.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** A socket that was reset has no peer (ENOTCONN). */
function isReset(socket: Socket): boolean {
  const handle = (socket as Socket & WithHandle)._handle;
  return handle?.getpeername !== undefined && handle.getpeername({}) !== 0;
}
