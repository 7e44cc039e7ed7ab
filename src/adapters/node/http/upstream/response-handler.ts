/** What the upstream client and the owner of a request call of each other. */

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * Receives what happens to one request: `onConnect`, then `onHeaders` for each 1xx answer and for the final one, then
 * `onData`, then either `onComplete` or `onError`. `onError` may come at any time and is always the last call. After
 * `onError` a request may be sent again.
 */
export interface ResponseHandler {
  /** The request has a connection and is about to be written to it. */
  onConnect(): void;
  /** @param headers flat list in received order and letter case; a folded value is one line (RFC 9112, section 5.2). */
  onHeaders(status: number, reason: string, headers: readonly string[]): void;
  /** @returns false to pause. What was read already still follows, the end included. */
  onData(chunk: Buffer): boolean;
  /** @param trailers flat list. */
  onComplete(trailers: string[]): void;
  onError(error: Error): void;
}

export interface UpgradeHandler extends ResponseHandler {
  /**
   * The upstream switched protocols: the last call. The socket is paused and has no listeners; it belongs to the handler.
   * @param head what the upstream sent behind its answer already.
   */
  onUpgrade(headers: readonly string[], socket: Socket, head: Buffer): void;
}

/** The owner's side of a request that was sent. */
export interface RequestHandle {
  /** Ends a request that is not complete: its connection closes, or it leaves the queue. Calls `onError` at once. */
  abort(error: Error): void;
  /** Ends a pause. Without effect if there is none. */
  resume(): void;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Flat list without hop-by-hop fields. A body without Content-Length is sent in chunks. */
  readonly headers: readonly string[];
  /** Destroyed if it is not needed to its end. */
  readonly body: Readable | null;
  /** Sends it on a new connection, since a kept one has just failed. */
  readonly isRetry?: boolean;
}

export interface Upstream {
  send(request: UpstreamRequest, handler: ResponseHandler): RequestHandle;
  /**
   * Asks for another protocol, on a connection of its own that is not in the pool.
   * @param protocol value of the Upgrade field.
   */
  upgrade(request: UpstreamRequest, protocol: string, handler: UpgradeHandler): RequestHandle;
  /**
   * Takes the memory of a chunk of `onData`, to read into it again. Only for a chunk that is not read any more; one
   * that is not given back is left to the garbage collector.
   */
  readonly giveBack: (chunk: Buffer) => void;
  /** Refuses new requests; resolves once those that are under way have ended. */
  close(): Promise<void>;
}
