/**
 * One connection to the upstream, which serves one request at a time. Whenever there is doubt about its bytes, it is
 * destroyed and not used again.
 */

import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import { type BodyWriter, writeRequest } from './body-writer.ts';
import { brokeOff, connectError, mismatch, timeout } from './connection-error.ts';
import type { Connector } from './connector.ts';
import { type ConnectionLimits, Deadline } from './deadline.ts';
import type { PendingRequest } from './pending-request.ts';
import { ConnectionReads, type ReadMemory } from './read-memory.ts';
import type { UpgradeHandler } from './response-handler.ts';
import type { ResponseHead, ResponseHeads } from './response-head.ts';

/** What a connection shares with the others, and what it reports to the pool that owns it. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  readonly connector: Connector;
  readonly heads: ResponseHeads;
  readonly memory: ReadMemory;
  /** Monotonic milliseconds, at most one sweep old. */
  readonly nowMs: number;
  /** The connection can take another request. */
  onFree(connection: Connection): void;
  /** The connection can take no request any more. Called once. */
  onGone(connection: Connection): void;
}

export class Connection {
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  readonly #reads: ConnectionReads;
  readonly #deadline: Deadline;
  #pending: PendingRequest | null = null;
  #writer: BodyWriter | null = null;
  #isReady = false;
  #isPaused = false;
  #isGone = false;
  /** Headers of the answer 101. */
  #switched: readonly string[] | null = null;

  /** @param isUpgrade its socket may be handed over. */
  constructor(owner: ConnectionOwner, isUpgrade: boolean) {
    this.#owner = owner;
    this.#deadline = new Deadline(owner);
    this.#reader = new AnswerReader(owner.heads, {
      onHead: (head) => this.#onHead(head),
      onBody: (data) => this.#onBody(data),
    });
    this.#reads = new ConnectionReads(owner.memory);
    this.#socket = owner.connector.open(
      isUpgrade ? undefined : { buffer: this.#reads.next, callback: this.#onRead },
    );
    if (isUpgrade) this.#socket.on('data', this.#onData);
    this.#socket
      .on('error', (error) =>
        this.abort(this.#isReady ? brokeOff(error.message, error) : connectError(error)),
      )
      .on(owner.connector.readyEvent, this.#onReady)
      .on('drain', () => this.#writer?.onDrain())
      .on('end', this.#onEnd)
      .on('close', () => this.abort(brokeOff('The upstream closed the connection.')));
  }

  /** Takes a request. Only for a connection that is new or free. */
  take(pending: PendingRequest): void {
    this.#pending = pending;
    pending.connection = this;
    if (this.#isReady) this.#send(pending);
  }

  /** Ends the connection and the request on it. Without effect if it has ended. */
  abort(error: Error): void {
    if (this.#isGone) return;
    const pending = this.#pending;
    this.#leave();
    this.destroy();
    pending?.fail(error);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#touch();
    this.#socket.resume();
  }

  /** Destroys a connection on which something takes too long. */
  check(nowMs: number): void {
    if (!this.#deadline.isPast(nowMs) || this.#isPaused) return;
    const { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = this.#owner.limits;
    if (this.#pending === null) this.destroy();
    else if (!this.#isReady) this.abort(timeout(`No connection within ${connectTimeoutMs} ms.`));
    else if (this.#writer?.waitsForClient === true) this.#touch();
    else if (!this.#reader.hasAnswered) this.abort(timeout(`No answer within ${headersTimeoutMs} ms.`));
    else this.abort(timeout(`No more of the answer's body within ${bodyTimeoutMs} ms.`));
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
      onMismatch: () => this.abort(mismatch()),
    });
  }

  readonly #onReady = (): void => {
    this.#isReady = true;
    if (this.#pending !== null) this.#send(this.#pending);
  };

  readonly #onRead = (length: number): boolean => {
    this.#onData(this.#reads.read(length, !this.#reader.hasAnswered));
    return true;
  };

  readonly #onData = (bytes: Buffer): void => {
    if (this.#isGone) return;
    if (this.#reader.isDone) {
      this.abort(brokeOff('The upstream sent bytes that are not part of an answer.'));
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
    // Bytes behind the answer belong to no request: the connection must not serve another.
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

  #complete(trailers: string[], isSound: boolean): void {
    const pending = this.#pending!;
    const isReusable = isSound && !pending.isUpgrade && this.#writer?.isDone !== false;
    this.#leave();
    pending.complete(trailers);
    if (isReusable && this.#deadline.idle(this.#reader.keepAliveMs)) this.#becomeFree();
    else this.destroy();
  }

  #becomeFree(): void {
    if (this.#isPaused) this.#socket.resume();
    this.#isPaused = false;
    this.#owner.onFree(this);
  }

  /** The connection is the handler's from now on. */
  #handOver(headers: readonly string[], head: Buffer): void {
    const pending = this.#pending!;
    const socket = this.#socket;
    this.#isGone = true;
    this.#leave();
    pending.end();
    this.#owner.onGone(this);
    socket.pause();
    for (const event of ['error', 'data', 'drain', 'end', 'close']) socket.removeAllListeners(event);
    (pending.handler as UpgradeHandler).onUpgrade(headers, socket, head);
  }

  readonly #onEnd = (): void => {
    if (this.#isGone) return;
    if (this.#pending !== null && this.#reader.endOfInput()) this.#complete(NO_TRAILERS, false);
    else this.abort(brokeOff('The upstream closed the connection.'));
  };

  /** The connection has no request any more. The rest of a body that is not needed is not read. */
  #leave(): void {
    if (this.#writer?.isDone === false) this.#writer.stop();
    this.#writer = null;
    this.#pending = null;
  }

  /** Something moved. */
  #touch(): void {
    this.#deadline.restart(this.#reader.hasAnswered);
  }
}

const NO_TRAILERS: string[] = [];
