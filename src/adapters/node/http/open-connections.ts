/**
 * The connections that a server has open, so that a stop can finish them. Node's own list loses a connection once it
 * is upgraded, and its `close` cuts a response that has ended but has not all been taken by a slow client.
 */

import type { EventEmitter } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The response that a connection is busy with. Node knows it by this name; it has no public one. */
export function inFlightResponse(socket: Duplex): ServerResponse | null {
  return (socket as Duplex & { _httpMessage?: ServerResponse | null })._httpMessage ?? null;
}

export class OpenConnections {
  /** All that is open, below TLS. */
  readonly #sockets = new Set<Socket>();
  /** Those on which HTTP is spoken. */
  readonly #http = new Set<Socket>();
  readonly #watched = new WeakSet<Socket>();
  #isFinishing = false;

  constructor(server: Server | TlsServer) {
    server.on('connection', (socket: Socket) => this.#remember(this.#sockets, socket));
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) =>
      this.#remember(this.#http, socket),
    );
    for (const event of ['request', 'checkContinue']) {
      alongside(server, event, (_incoming: unknown, outgoing: ServerResponse) => {
        if (this.#isFinishing) outgoing.shouldKeepAlive = false;
      });
    }
    alongside(server, 'upgrade', (_incoming: unknown, socket: Socket) => this.#http.delete(socket));
    server.closeIdleConnections = () => this.#closeIdle();
  }

  /** From now on every answer closes its connection; requests are still accepted. */
  closeWithAnswers(): void {
    this.#isFinishing = true;
    for (const socket of this.#http) {
      const outgoing = inFlightResponse(socket);
      if (outgoing !== null && !outgoing.headersSent) outgoing.shouldKeepAlive = false;
    }
  }

  /** Ends every connection as soon as the response that it is busy with has been taken. Upgraded ones go on. */
  finish(): void {
    this.#isFinishing = true;
    this.#closeIdle();
    for (const socket of this.#http) {
      const outgoing = inFlightResponse(socket)!;
      if (outgoing.headersSent) outgoing.once('finish', () => socket.destroySoon());
      else outgoing.shouldKeepAlive = false;
    }
  }

  get isEmpty(): boolean {
    return this.#sockets.size === 0;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A connection that asks for h2c is given back to the server, and comes again: it has one listener all the same. */
  #remember(sockets: Set<Socket>, socket: Socket): void {
    sockets.add(socket);
    if (this.#watched.has(socket)) return;
    this.#watched.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#http.delete(socket);
    });
  }

  #closeIdle(): void {
    for (const socket of this.#http) {
      if (inFlightResponse(socket) === null) {
        this.#http.delete(socket);
        socket.destroy();
      }
    }
  }
}

/** Only where somebody answers the event already: a listener alone would keep Node from answering it itself. */
function alongside<A extends unknown[]>(server: EventEmitter, event: string, listener: (...args: A) => void) {
  if (server.listenerCount(event) > 0) server.prependListener(event, listener);
}
