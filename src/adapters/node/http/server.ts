/** The listening side: an HTTP or HTTPS server with its limits, strict parsing, and a stop that finishes first. */

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

/** @param onTlsError the certificate changed but cannot be used; the old one stays in use. */
export function openServer(
  settings: ListenSettings,
  listener: RequestListener,
  onTlsError: (error: Error) => void,
): GatewayServer {
  const options: ServerOptions = {
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: settings.headersTimeoutMs,
    // Uploads may take their time; a body that stands still ends by the idle time-out.
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
  // Node drops in silence what is above a count; the bound on bytes refuses aloud.
  server.maxHeadersCount = 0;
  server.on('clientError', answerBadRequest);
  server.on('connect', (_incoming, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.resume();
    answerRaw(socket, '501 Not Implemented');
  });
  return server;
}

/** Resolves with the port that it listens on. The server's other listeners must be there before. */
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

/** Answers close their connections from now on, so that clients go elsewhere before the server stops. */
export function drainServer(server: GatewayServer): void {
  openConnections.get(server)!.closeWithAnswers();
}

/**
 * Accepts no more and lets the requests under way finish. What is still open after `timeoutMs` is cut, connections
 * that switched protocols among it: nobody here can tell where those may be ended.
 */
export function stopServer(server: GatewayServer, timeoutMs: number): Promise<void> {
  const open = openConnections.get(server)!;
  return new Promise((resolve) => {
    const cut = setTimeout(() => open.cut(), timeoutMs);
    server.close(() => {
      clearTimeout(cut);
      whenGone(open, resolve);
    });
    open.finish();
  });
}

/** The server closes before its last sockets tell that they have; what they carried is metered a turn later still. */
function whenGone(open: OpenConnections, done: () => void): void {
  if (open.isEmpty) setImmediate(() => setImmediate(done));
  else setImmediate(() => whenGone(open, done));
}

/** A listener for requests that never throws: what it throws ends the connection of the request with 400. */
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

/** What the parser refuses, in the fewest words. */
function answerBadRequest(error: Error & { code?: string }, socket: Socket): void {
  // The rest of a request that was sent ahead is not late: the connection is not read on until its turn.
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

/** For the client to read why: a socket closed with bytes unread in it takes the answer with it. */
const LINGER_MS = 1_000;

function answerRaw(socket: Socket, status: string): void {
  // What follows what was refused is refused with it.
  if (socket.writableEnded) return;
  // An answer that has begun must not get another in its middle; what there is of it may still go.
  if (!socket.writable || inFlightResponse(socket)?.headersSent === true) {
    socket.destroySoon();
    return;
  }
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
}

function readTls(tls: { certFile: string; keyFile: string }): { cert: string; key: string } {
  return { cert: readFileSync(tls.certFile, 'utf8'), key: readFileSync(tls.keyFile, 'utf8') };
}

/** Watches the folders, not the files: a renewal replaces a file, often through a link. */
function reloadTls(
  server: TlsServer,
  tls: { certFile: string; keyFile: string },
  onTlsError: (error: Error) => void,
): void {
  let due: NodeJS.Timeout | undefined;
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
      clearTimeout(due);
      // Certificate and key are two files: wait until both are there.
      due = setTimeout(reload, 200);
    }).on('error', onTlsError),
  );
  server.on('close', () => {
    clearTimeout(due);
    for (const watcher of watchers) watcher.close();
  });
}
