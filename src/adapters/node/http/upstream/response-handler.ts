/** The interface between the upstream client and the owner of a request. */

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * Receives the events of one request: `onConnect`, then `onHeaders` for each 1xx response and for the final one, then
 * `onData`, then either `onComplete` or `onError`. `onError` may come at any time and is always the last call. After
 * `onError` a request may be sent again.
 */
export interface ResponseHandler {
  /** The request has got a connection and is about to be written to it. */
  onConnect(): void;
  /** @param headers flat list in received order and letter case; a folded value is one line (RFC 9112, section 5.2). */
  onHeaders(status: number, reason: string, headers: readonly string[]): void;
  /** @returns false to pause. Bytes that were already read still follow, including the end. */
  onData(chunk: Buffer): boolean;
  /** @param trailers flat list. */
  onComplete(trailers: string[]): void;
  onError(error: Error): void;
}

export interface UpgradeHandler extends ResponseHandler {
  /**
   * The upstream switched protocols. This is the last call. The socket is paused, has no listeners, and belongs to the
   * handler.
   * @param head bytes that the upstream has already sent after its response.
   */
  onUpgrade(headers: readonly string[], socket: Socket, head: Buffer): void;
}

/** Controls a request that was sent. */
export interface RequestHandle {
  /** Aborts an incomplete request: closes its connection or removes it from the queue. Calls `onError` synchronously. */
  abort(error: Error): void;
  /** Ends a pause. Without effect if there is none. */
  resume(): void;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Flat list without hop-by-hop fields. A body without Content-Length is sent in chunked coding. */
  readonly headers: readonly string[];
  /** Destroyed if it is not needed completely. */
  readonly body: Readable | null;
  /** True to use a new connection, because a reused one has just failed. */
  readonly isRetry?: boolean;
}

export interface Upstream {
  send(request: UpstreamRequest, handler: ResponseHandler): RequestHandle;
  /**
   * Requests another protocol, on a separate connection outside the pool.
   * @param protocol value of the Upgrade field.
   */
  upgrade(request: UpstreamRequest, protocol: string, handler: UpgradeHandler): RequestHandle;
  /**
   * Returns the memory of a chunk of `onData` for reuse. The chunk must not be read afterwards. A chunk that is not
   * returned is left to the garbage collector.
   */
  readonly giveBack: (chunk: Buffer) => void;
  /** Refuses new requests; resolves once those in flight have ended. */
  close(): Promise<void>;
}
