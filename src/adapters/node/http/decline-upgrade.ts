/**
 * Requests that ask for an upgrade and are served without it, as any server may (RFC 9110, section 7.8): `h2c`, which
 * RFC 9113, section 3.1, took out and which would carry requests past the meter, and upgrades with a body, which Node
 * hands over unparsed. Clients such as curl and Java's ask for h2c with every first request, bodies included.
 */

import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { headWithoutUpgrade } from '../../../forward/upgrade-head.ts';
import { hasBody } from './request-body.ts';

export function mayUpgrade(incoming: IncomingMessage): boolean {
  return !hasBody(incoming) && !/(^|,)\s*h2c\s*(,|$)/i.test(incoming.headers.upgrade ?? '');
}

/**
 * Option of a server: Node from 22.21 and 24.9 on asks before it hands a connection over. Node 26 hands over a wrapper if
 * there is a body, which cannot be given back, so that such a request must be served as it is. Node 20 does not ask.
 */
export const UPGRADE_OPTIONS: object = {
  shouldUpgradeCallback(this: EventEmitter, incoming: IncomingMessage): boolean {
    return this.listenerCount('upgrade') > 0 && !hasBody(incoming);
  },
};

/** Node drops what came in one packet with a request that it was not to hand over: the client must send that again. */
export function closeIfUpgradeDeclined(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.headers.upgrade !== undefined && hasBody(incoming)) outgoing.shouldKeepAlive = false;
}

/**
 * Gives the connection back to the server as if the request had come without its upgrade fields.
 * @param head what followed the request's head already.
 */
export function serveWithoutUpgrade(
  server: EventEmitter,
  incoming: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const { method, url, httpVersion, rawHeaders } = incoming;
  const text = headWithoutUpgrade(`${method} ${url} HTTP/${httpVersion}`, rawHeaders);
  socket.unshift(Buffer.concat([Buffer.from(text, 'latin1'), head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}
