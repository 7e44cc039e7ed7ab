/** The gateway's response to a load balancer on the clients' port: one exact path, off unless configured. */

import type { IncomingMessage, ServerResponse } from 'node:http';

export interface HealthPath {
  readonly path: string;
  /** The reason why no request should be sent here; null if requests can be served. */
  readonly unreadiness: () => string | null;
}

/** Responds to GET and HEAD of the path. Returns false for every other request, which belongs to the platform. */
export function answerHealth(
  health: HealthPath | null,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  if (health === null || incoming.url !== health.path) return false;
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return false;
  const reason = health.unreadiness();
  const body = JSON.stringify(reason === null ? { status: 'ok' } : { status: 'unavailable', reason });
  outgoing.writeHead(reason === null ? 200 : 503, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...(reason === null ? {} : { 'Retry-After': '1' }),
  });
  outgoing.end(body);
  return true;
}
