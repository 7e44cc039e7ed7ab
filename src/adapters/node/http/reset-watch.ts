/**
 * Finds connections that their client has reset while nothing reads from them: an upload that the platform does not
 * take, or requests sent ahead. The operating system reports a reset to a reader alone, and such a connection would
 * occupy its place until the platform's time-out.
 */

import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

const INTERVAL_MS = 1_000;

/** Node's public address of a socket is a copy from its begin; this asks the operating system. */
interface WithHandle {
  readonly _handle?: { getpeername?(out: object): number } | null;
}

export class ResetWatch {
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;

  /** Watches a connection until the event. The timer runs only while there is a connection to watch. */
  add(socket: Socket, until: EventEmitter, event: 'close' | 'resume'): void {
    this.#sockets.add(socket);
    until.once(event, () => this.#sockets.delete(socket));
    this.#timer ??= setInterval(() => this.#look(), INTERVAL_MS).unref();
  }

  #look(): void {
    for (const socket of this.#sockets) {
      if (socket.destroyed) this.#sockets.delete(socket);
      else if (isReset(socket)) socket.destroy();
    }
    if (this.#sockets.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** A socket that was reset has no peer any more (ENOTCONN). */
function isReset(socket: Socket): boolean {
  const handle = (socket as Socket & WithHandle)._handle;
  return handle?.getpeername !== undefined && handle.getpeername({}) !== 0;
}
