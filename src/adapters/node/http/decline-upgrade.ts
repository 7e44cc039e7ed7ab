/**
 * Serves upgrade requests without the upgrade, as any server may (RFC 9110, section 7.8). This applies to `h2c`, which
 * RFC 9113, section 3.1, has removed and which would let requests bypass the meter, and to upgrades with a body, which
 * Node hands over unparsed. Clients such as curl and Java's request h2c with every first request, bodies included.
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
 * Server options. Node from 22.21 and 24.9 on calls this before it hands over a connection. Node 26 hands over a wrapper
 * if there is a body. The wrapper cannot be returned to the server, so such a request must not be handed over. Node 20
 * does not call it.
 */
export const UPGRADE_OPTIONS: object = {
  shouldUpgradeCallback(this: EventEmitter, incoming: IncomingMessage): boolean {
    return this.listenerCount('upgrade') > 0 && !hasBody(incoming);
  },
};

/** Node drops the bytes that arrived with a request that it did not hand over, so the client must send them again. */
export function closeIfUpgradeDeclined(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.headers.upgrade !== undefined && hasBody(incoming)) outgoing.shouldKeepAlive = false;
}

/**
 * Returns the connection to the server as if the request had no upgrade fields.
 * @param head bytes that have already arrived after the request's head.
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
