/**
 * One connection to the upstream, which serves one request at a time. Whenever there is doubt about its bytes, it is
 * destroyed and not used again.
 */

import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import { BodyWriter } from './body-writer.ts';
import { brokeOff, connectError, mismatch, timeout } from './connection-error.ts';
import type { Connector } from './connector.ts';
import type { PendingRequest } from './pending-request.ts';
import { type ReadMemory, SLAB_BYTES, type Slab } from './read-memory.ts';
import type { UpgradeHandler } from './response-handler.ts';
import type { ResponseHead, ResponseHeads } from './response-head.ts';

export const SWEEP_MS = 1_000;

/** Bounds of waiting, in milliseconds. One sweep a second checks them all, so each may last up to two seconds longer. */
export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  /** From the last byte of the request that was sent to the head of the answer. */
  readonly headersTimeoutMs: number;
  /** Between two reads of an answer's body. */
  readonly bodyTimeoutMs: number;
}

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

/** A server that does not say how long it keeps an idle connection keeps it for 5 s or longer, as a rule. */
const IDLE_MS = 4_000;
/** The server's time starts before ours, and a request needs time to reach it. */
const KEEP_ALIVE_MARGIN_MS = 2_000;
const MAX_IDLE_MS = 600_000;
/** Less of a body than that is copied, or a client that reads slowly would hold a slab for each packet. */
const MIN_LENT_BYTES = SLAB_BYTES / 2;

export class Connection {
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  #pending: PendingRequest | null = null;
  #writer: BodyWriter | null = null;
  #isReady = false;
  #isPaused = false;
  #isGone = false;
  /** Headers of the answer 101. */
  #switched: string[] | null = null;
  #dueMs: number;
  /** Memory of the next read, and of the one under way. */
  #slab: Slab | null = null;
  /** What is read is passed on as parts of the slab, not as a copy. */
  #lends = false;

  /** @param isUpgrade its socket may be handed over. */
  constructor(owner: ConnectionOwner, isUpgrade: boolean) {
    this.#owner = owner;
    this.#dueMs = owner.nowMs + owner.limits.connectTimeoutMs + SWEEP_MS;
    this.#reader = new AnswerReader(owner.heads, {
      onHead: (head) => this.#onHead(head),
      onBody: (data) => this.#onBody(data),
    });
    this.#socket = owner.connector.open(
      isUpgrade ? undefined : { buffer: this.#nextBuffer, callback: this.#onRead },
    );
    if (isUpgrade) this.#socket.on('data', this.#onData);
    this.#socket
      .on('error', (error) => this.#onError(error))
      .on(owner.connector.readyEvent, this.#onReady)
      .on('drain', () => this.#writer?.onDrain())
      .on('end', this.#onEnd)
      .on('close', () => this.#fail(brokeOff('The upstream closed the connection.')));
  }

  /** Takes a request. Only for a connection that is new or free. */
  take(pending: PendingRequest): void {
    this.#pending = pending;
    pending.connection = this;
    if (this.#isReady) this.#send(pending);
  }

  abort(error: Error): void {
    this.#fail(error);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#allow(this.#owner.limits.bodyTimeoutMs);
    this.#socket.resume();
  }

  /** Destroys a connection on which something takes too long. */
  check(nowMs: number): void {
    if (nowMs < this.#dueMs || this.#isPaused) return;
    const { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = this.#owner.limits;
    if (this.#pending === null) this.destroy();
    else if (!this.#isReady) this.#fail(timeout(`No connection within ${connectTimeoutMs} ms.`));
    else if (this.#writer?.waitsForClient === true) this.#allow(headersTimeoutMs);
    else if (!this.#reader.hasAnswered) this.#fail(timeout(`No answer within ${headersTimeoutMs} ms.`));
    else this.#fail(timeout(`No more of the answer's body within ${bodyTimeoutMs} ms.`));
  }

  destroy(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#reader.stop();
    this.#socket.destroy();
    this.#owner.onGone(this);
  }

  #send(pending: PendingRequest): void {
    const { method, body } = pending.request;
    this.#reader.begin(method, pending.isUpgrade);
    this.#allow(this.#owner.limits.headersTimeoutMs);
    pending.handler.onConnect();
    if (this.#isGone) return;
    if (body === null) {
      this.#socket.write(pending.head, 'latin1');
      return;
    }
    // The head leaves with the first of the body, if that comes in this turn.
    this.#socket.cork();
    this.#socket.write(pending.head, 'latin1');
    setImmediate(() => this.#socket.uncork());
    this.#writer = new BodyWriter(this.#socket, body, pending.bodyLength, {
      onProgress: () => this.#touch(),
      onMismatch: () => this.#fail(mismatch()),
    });
  }

  readonly #onReady = (): void => {
    this.#isReady = true;
    if (this.#pending !== null) this.#send(this.#pending);
  };

  readonly #nextBuffer = (): Buffer => {
    this.#slab = this.#owner.memory.next(this.#slab);
    return this.#slab.bytes;
  };

  readonly #onRead = (length: number): boolean => {
    const bytes = this.#slab!.bytes.subarray(0, length);
    // Most answers come in one read.
    this.#lends = length >= MIN_LENT_BYTES || !this.#reader.hasAnswered;
    this.#onData(this.#lends ? bytes : Buffer.from(bytes));
    return true;
  };

  readonly #onData = (bytes: Buffer): void => {
    if (this.#isGone) return;
    if (this.#reader.isDone) {
      this.#fail(brokeOff('The upstream sent bytes that are not part of an answer.'));
      return;
    }
    let end: number;
    let trailers: string[] | null;
    try {
      end = this.#reader.read(bytes);
      trailers = this.#reader.isDone ? this.#reader.takeTrailers() : null;
    } catch (error) {
      this.#fail(error as Error);
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
    if (this.#lends) this.#slab!.lent++;
    if (this.#pending!.handler.onData(data) || this.#isPaused || this.#isGone) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  #complete(trailers: string[], isSound: boolean): void {
    const pending = this.#pending!;
    const isReusable = isSound && !pending.isUpgrade && this.#writer?.isDone !== false;
    this.#leave();
    pending.complete(trailers);
    if (isReusable) this.#becomeFree();
    else this.destroy();
  }

  #becomeFree(): void {
    const { keepAliveMs } = this.#reader;
    const idleMs =
      keepAliveMs === undefined ? IDLE_MS : Math.min(MAX_IDLE_MS, keepAliveMs - KEEP_ALIVE_MARGIN_MS);
    if (idleMs <= 0) {
      this.destroy();
      return;
    }
    this.#dueMs = this.#owner.nowMs + idleMs;
    if (this.#isPaused) this.#socket.resume();
    this.#isPaused = false;
    this.#owner.onFree(this);
  }

  /** The connection is the handler's from now on. */
  #handOver(headers: string[], head: Buffer): void {
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
    else this.#fail(brokeOff('The upstream closed the connection.'));
  };

  #onError(error: Error): void {
    this.#fail(this.#isReady ? brokeOff(error.message, error) : connectError(error));
  }

  /** Ends the connection and the request on it. */
  #fail(error: Error): void {
    if (this.#isGone) return;
    const pending = this.#pending;
    this.#leave();
    this.destroy();
    pending?.fail(error);
  }

  /** The connection has no request any more. The rest of a body that is not needed is not read. */
  #leave(): void {
    if (this.#writer?.isDone === false) this.#writer.stop();
    this.#writer = null;
    this.#pending = null;
  }

  /** Something moved: the time starts again. */
  #touch(): void {
    const { bodyTimeoutMs, headersTimeoutMs } = this.#owner.limits;
    this.#allow(this.#reader.hasAnswered ? bodyTimeoutMs : headersTimeoutMs);
  }

  #allow(ms: number): void {
    this.#dueMs = this.#owner.nowMs + ms + SWEEP_MS;
  }
}

const NO_TRAILERS: string[] = [];
