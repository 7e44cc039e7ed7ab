/** The HTTP origin of the tests, which answers each request as the test specifies. */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { listenLocally, type Origin } from './listening.ts';

export interface OriginOptions {
  /** Certificate and key in PEM. With them the origin uses TLS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Receives the requests for another protocol. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export function startOrigin(
  listener: RequestListener,
  { tls, onUpgrade }: OriginOptions = {},
): Promise<Origin> {
  const options = { keepAliveTimeout: 60_000, ...tls };
  const server = tls === undefined ? createServer(options, listener) : createTlsServer(options, listener);
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  return listenLocally(server);
}

export type Script = (url: URL, response: ServerResponse, request: IncomingMessage) => void;

/** An origin whose script gets the target of each request as a URL. Use `startOrigin` for targets that are not valid. */
export function startScriptedOrigin(script: Script): Promise<Origin> {
  return startOrigin((request, response) =>
    script(new URL(request.url!, 'http://origin'), response, request),
  );
}

/** `{"data":[{"id":0},{"id":1}, ...]}` */
export function pageOf(posts: number): string {
  return JSON.stringify({ data: Array.from({ length: posts }, (_, id) => ({ id })) });
}

/** Number of complete posts in a part of such a page. */
export function postsIn(text: string): number {
  return text.match(/\{"id":\d+\}/g)?.length ?? 0;
}
