/** The server side: an HTTP or HTTPS server with its limits, strict parsing, and a graceful stop. */

import { readFileSync, watch } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { UPGRADE_OPTIONS } from './decline-upgrade.ts';
import { inFlightResponse, OpenConnections } from './open-connections.ts';

export interface ListenSettings {
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

export type GatewayServer = Server | TlsServer;

const openConnections = new WeakMap<GatewayServer, OpenConnections>();

/** @param onTlsError called if the certificate changed but cannot be used; the old one stays in use. */
export function openServer(
  settings: ListenSettings,
  listener: RequestListener,
  onTlsError: (error: Error) => void,
): GatewayServer {
  const options: ServerOptions = {
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: settings.headersTimeoutMs,
    // An upload may be slow; the idle time-out ends one that makes no progress.
    requestTimeout: 0,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, settings.headersTimeoutMs),
    noDelay: true,
    insecureHTTPParser: false,
    requireHostHeader: true,
    ...UPGRADE_OPTIONS,
  };
  const server =
    settings.tls === undefined
      ? createServer(options, listener)
      : createTlsServer(
          { ...options, ...readTls(settings.tls), handshakeTimeout: settings.headersTimeoutMs },
          listener,
        );
  if (settings.tls !== undefined) reloadTls(server as TlsServer, settings.tls, onTlsError);
  server.maxConnections = settings.maxConnections;
  server.timeout = settings.idleTimeoutMs;
  // Above a count, Node drops fields silently; the limit on bytes refuses the request instead.
  server.maxHeadersCount = 0;
  server.on('clientError', answerBadRequest);
  server.on('connect', (_incoming, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    answerRaw(socket, '501 Not Implemented');
  });
  return server;
}

/** Resolves with the port. The server's other listeners must have been added before. */
export function listen(server: GatewayServer, port: number, host: string | undefined): Promise<number> {
  openConnections.set(server, new OpenConnections(server));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** From now on responses close their connections, so that clients go elsewhere before the server stops. */
export function drainServer(server: GatewayServer): void {
  openConnections.get(server)!.closeAfterResponses();
}

/**
 * Accepts no more connections and lets the requests in flight finish. Connections that are still open after `timeoutMs`
 * are destroyed, including upgraded ones, because we do not know at which point those could be ended.
 */
export function stopServer(server: GatewayServer, timeoutMs: number): Promise<void> {
  const open = openConnections.get(server)!;
  return new Promise((resolve) => {
    const timer = setTimeout(() => open.destroyAll(), timeoutMs);
    server.close(() => {
      clearTimeout(timer);
      whenEmpty(open, resolve);
    });
    open.finish();
  });
}

/** The server closes before its last sockets emit `close`, and their usage is metered one turn later still. */
function whenEmpty(open: OpenConnections, done: () => void): void {
  if (open.isEmpty) setImmediate(() => setImmediate(done));
  else setImmediate(() => whenEmpty(open, done));
}

/** Wraps a request listener so that it never throws: an error closes the connection of its request with 400. */
export function guarded<T extends unknown[]>(
  listener: (incoming: IncomingMessage, ...rest: T) => void,
  onFault: (error: Error) => void,
): (incoming: IncomingMessage, ...rest: T) => void {
  return (incoming, ...rest) => {
    try {
      listener(incoming, ...rest);
    } catch (error) {
      onFault(error as Error);
      answerRaw(incoming.socket, '400 Bad Request');
    }
  };
}

/** Answers parse errors with a bare status, without details of the parser. */
function answerBadRequest(error: Error & { code?: string }, socket: Socket): void {
  // A pipelined request is not late: the connection is paused until its turn.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && inFlightResponse(socket) !== null && socket.isPaused())
    return;
  if (error.code === 'ECONNRESET') socket.destroy();
  else answerRaw(socket, STATUS_OF[error.code ?? ''] ?? '400 Bad Request');
}

const STATUS_OF: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Time for the client to read the response: closing a socket with unread bytes sends a reset, which may discard it. */
const LINGER_MS = 1_000;

function answerRaw(socket: Socket, status: string): void {
  // Data that follows a refused request is ignored.
  if (socket.writableEnded) return;
  // A response that has begun must not be interrupted by another one; the part that was written is still sent.
  if (!socket.writable || inFlightResponse(socket)?.headersSent === true) {
    socket.destroySoon();
    return;
  }
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

function readTls(tls: { certFile: string; keyFile: string }): { cert: string; key: string } {
  return { cert: readFileSync(tls.certFile, 'utf8'), key: readFileSync(tls.keyFile, 'utf8') };
}

/** Reloads the certificate when it changes. Watches the folders, because a renewal replaces files, often by a link. */
function reloadTls(
  server: TlsServer,
  tls: { certFile: string; keyFile: string },
  onTlsError: (error: Error) => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  const reload = (): void => {
    try {
      server.setSecureContext(readTls(tls));
    } catch (error) {
      onTlsError(error as Error);
    }
  };
  const names = new Set([basename(tls.certFile), basename(tls.keyFile), '..data']);
  const watchers = [...new Set([dirname(tls.certFile), dirname(tls.keyFile)])].map((folder) =>
    watch(folder, { persistent: false }, (_event, name) => {
      if (name !== null && !names.has(name)) return;
      clearTimeout(timer);
      // Certificate and key are two files: wait until both have been replaced.
      timer = setTimeout(reload, 200);
    }).on('error', onTlsError),
  );
  server.on('close', () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  });
}
