/**
 * The open connections of a server, so that a stop can finish them. Node's own list loses a connection once it is
 * upgraded, and its `close` cuts a response that has ended but is not completely sent to a slow client.
 */

import type { EventEmitter } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The response that is in flight on a connection. Node has no public name for it. */
export function inFlightResponse(socket: Duplex): ServerResponse | null {
  return (socket as Duplex & { _httpMessage?: ServerResponse | null })._httpMessage ?? null;
}

export class OpenConnections {
  /** All open connections, below TLS. */
  readonly #sockets = new Set<Socket>();
  /** Connections that speak HTTP: not upgraded, and above TLS. */
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

  /** From now on every response closes its connection. Requests are still accepted. */
  closeAfterResponses(): void {
    this.#isFinishing = true;
    for (const socket of this.#http) {
      const outgoing = inFlightResponse(socket);
      if (outgoing !== null && !outgoing.headersSent) outgoing.shouldKeepAlive = false;
    }
  }

  /** Ends every connection once its response in flight has been sent. Upgraded connections continue. */
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

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A connection that requested h2c is returned to the server and arrives here twice, so the listener is added once. */
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

/** Adds a listener only if the event has one, because the first listener would turn off Node's own handling. */
function alongside<A extends unknown[]>(server: EventEmitter, event: string, listener: (...args: A) => void) {
  if (server.listenerCount(event) > 0) server.prependListener(event, listener);
}
