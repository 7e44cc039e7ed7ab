/**
 * Pipelined requests (RFC 9112, section 9.3.2). They are served one at a time, as nginx does. Otherwise a response that
 * waits behind another would be counted before the client can receive it, and one connection could occupy the whole
 * pool of connections to the platform.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ResetWatch } from './reset-watch.ts';

/** Maximum number of requests that wait on one connection. It is closed after the response to the last of them. */
const MAX_WAITING = 100;

export class Pipelining {
  readonly #waiting = new WeakMap<Socket, number>();
  readonly #resetWatch: ResetWatch;

  constructor(resetWatch: ResetWatch) {
    this.#resetWatch = resetWatch;
  }

  /** Whether the connection is still busy with an earlier response. */
  isBusy(outgoing: ServerResponse): boolean {
    return outgoing.socket === null;
  }

  /**
   * Calls `serve` once the earlier responses are over; never, if the connection closes before. Until then the connection
   * is paused. Node has parsed what it had already read, at most 64 KiB.
   */
  hold(incoming: IncomingMessage, outgoing: ServerResponse, serve: () => void): void {
    const { socket } = incoming;
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > MAX_WAITING) return;
    if (waiting === MAX_WAITING) outgoing.shouldKeepAlive = false;
    this.#waiting.set(socket, waiting);
    socket.pause();
    if (waiting === 1) this.#resetWatch.add(socket, socket, 'resume');
    // Emitted when Node assigns the connection to this response.
    outgoing.once('socket', () => {
      const left = this.#waiting.get(socket)! - 1;
      this.#waiting.set(socket, left);
      if (left === 0) socket.resume();
      serve();
    });
  }
}
