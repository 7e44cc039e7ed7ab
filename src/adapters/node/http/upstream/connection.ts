/**
 * One connection to the upstream. It serves one request at a time, and is destroyed after any irregularity in its
 * bytes.
 */

import type { Socket } from 'node:net';
import { type BodyWriter, writeRequest } from './body-writer.ts';
import { aborted, connectError, lengthMismatch, timeout } from './connection-error.ts';
import type { Connector } from './connector.ts';
import { type ConnectionLimits, Deadline } from './deadline.ts';
import type { PendingRequest } from './pending-request.ts';
import { ConnectionReads, type ReadMemory } from './read-memory.ts';
import type { UpgradeHandler } from './response-handler.ts';
import type { ResponseHead, ResponseHeads } from './response-head.ts';
import { ResponseReader } from './response-reader.ts';

/** What connections share, and the events that a connection reports to its pool. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  readonly connector: Connector;
  readonly heads: ResponseHeads;
  readonly memory: ReadMemory;
  /** Monotonic milliseconds, at most one sweep old. */
  readonly nowMs: number;
  /** The connection can serve another request. */
  onFree(connection: UpstreamConnection): void;
  /** The connection can serve no more requests. Called once. */
  onGone(connection: UpstreamConnection): void;
}

export class UpstreamConnection {
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  readonly #reads: ConnectionReads;
  readonly #deadline: Deadline;
  #pending: PendingRequest | null = null;
  #writer: BodyWriter | null = null;
  #isReady = false;
  #isPaused = false;
  #isGone = false;
  /** Headers of a 101 response. */
  #switched: readonly string[] | null = null;

  /** @param isUpgrade whether its socket may be handed over. */
  constructor(owner: ConnectionOwner, isUpgrade: boolean) {
    this.#owner = owner;
    this.#deadline = new Deadline(owner);
    this.#reader = new ResponseReader(owner.heads, {
      onHead: (head) => this.#onHead(head),
      onBody: (data) => this.#onBody(data),
    });
    this.#reads = new ConnectionReads(owner.memory);
    this.#socket = owner.connector.open(
      isUpgrade ? undefined : { buffer: this.#reads.next, callback: this.#onRead },
    );
    if (isUpgrade) this.#socket.on('data', this.#onData);
    this.#socket
      .on('error', (error) => this.abort(this.#isReady ? aborted(error.message, error) : connectError(error)))
      .on(owner.connector.readyEvent, this.#onReady)
      .on('drain', () => this.#writer?.onDrain())
      .on('end', this.#onEnd)
      .on('close', () => this.abort(aborted('The upstream closed the connection.')));
  }

  /** Serves a request. The connection must be new or free. */
  take(pending: PendingRequest): void {
    this.#pending = pending;
    pending.connection = this;
    if (this.#isReady) this.#send(pending);
  }

  /** Ends the connection and its request. Without effect if it has already ended. */
  abort(error: Error): void {
    if (this.#isGone) return;
    const pending = this.#pending;
    this.#clearRequest();
    this.destroy();
    pending?.fail(error);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#touch();
    this.#socket.resume();
  }

  /** Destroys the connection if its deadline has passed. */
  check(nowMs: number): void {
    if (!this.#deadline.isPast(nowMs) || this.#isPaused) return;
    const { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = this.#owner.limits;
    if (this.#pending === null) this.destroy();
    else if (!this.#isReady) this.abort(timeout(`No connection within ${connectTimeoutMs} ms.`));
    else if (this.#writer?.waitsForClient === true) this.#touch();
    else if (!this.#reader.hasFinalHead) this.abort(timeout(`No response within ${headersTimeoutMs} ms.`));
    else this.abort(timeout(`No more bytes of the response body within ${bodyTimeoutMs} ms.`));
  }

  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#reader.stop();
    this.#socket.destroy();
    this.#owner.onGone(this);
  }

  #send(pending: PendingRequest): void {
    this.#reader.begin(pending.request.method, pending.isUpgrade);
    this.#touch();
    pending.handler.onConnect();
    if (this.#isGone) return;
    this.#writer = writeRequest(this.#socket, pending, {
      onProgress: () => this.#touch(),
      onMismatch: () => this.abort(lengthMismatch()),
    });
  }

  readonly #onReady = (): void => {
    this.#isReady = true;
    if (this.#pending !== null) this.#send(this.#pending);
  };

  readonly #onRead = (length: number): boolean => {
    this.#onData(this.#reads.read(length, !this.#reader.hasFinalHead));
    return true;
  };

  readonly #onData = (bytes: Buffer): void => {
    if (this.#isGone) return;
    if (this.#reader.isDone) {
      this.abort(aborted('The upstream sent bytes that are not part of a response.'));
      return;
    }
    let end: number;
    let trailers: string[] | null;
    try {
      end = this.#reader.read(bytes);
      trailers = this.#reader.isDone ? this.#reader.takeTrailers() : null;
    } catch (error) {
      this.abort(error as Error);
      return;
    }
    if (trailers === null || this.#isGone) return;
    if (this.#switched !== null) this.#handOver(this.#switched, bytes.subarray(end));
    // Bytes after the response belong to no request: the connection must not serve another.
    else this.#complete(trailers, end === bytes.length && this.#reader.keepsAlive);
  };

  #onHead({ status, reason, headers }: ResponseHead): void {
    this.#touch();
    if (status === 101) this.#switched = headers;
    else this.#pending!.handler.onHeaders(status, reason, headers);
  }

  #onBody(data: Buffer): void {
    this.#touch();
    this.#reads.lend();
    if (this.#pending!.handler.onData(data) || this.#isPaused || this.#isGone) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #complete(trailers: string[], mayReuse: boolean): void {
    const pending = this.#pending!;
    const isReusable = mayReuse && !pending.isUpgrade && this.#writer?.isDone !== false;
    this.#clearRequest();
    pending.complete(trailers);
    if (isReusable && this.#deadline.idle(this.#reader.keepAliveMs)) this.#becomeFree();
    else this.destroy();
  }

  #becomeFree(): void {
    if (this.#isPaused) this.#socket.resume();
    this.#isPaused = false;
    this.#owner.onFree(this);
  }

  /** Hands the socket over to the handler. */
  #handOver(headers: readonly string[], head: Buffer): void {
    const pending = this.#pending!;
    const socket = this.#socket;
    this.#isGone = true;
    this.#clearRequest();
    pending.end();
    this.#owner.onGone(this);
    socket.pause();
    for (const event of ['error', 'data', 'drain', 'end', 'close']) socket.removeAllListeners(event);
    (pending.handler as UpgradeHandler).onUpgrade(headers, socket, head);
  }

  readonly #onEnd = (): void => {
    if (this.#isGone) return;
    if (this.#pending !== null && this.#reader.endOfInput()) this.#complete(NO_TRAILERS, false);
    else this.abort(aborted('The upstream closed the connection.'));
  };

  /** Detaches the request. The rest of its body is not read. */
  #clearRequest(): void {
    if (this.#writer?.isDone === false) this.#writer.stop();
    this.#writer = null;
    this.#pending = null;
  }

  /** Restarts the deadline, because there was progress. */
  #touch(): void {
    this.#deadline.restart(this.#reader.hasFinalHead);
  }
}

const NO_TRAILERS: string[] = [];
