/** Writes one request to the upstream's socket, and its body no faster than the upstream takes it. */

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { PendingRequest } from './pending-request.ts';

export interface BodyEvents {
  /** Bytes moved, or the body is complete. */
  onProgress(): void;
  /** The body has another length than its head says. */
  onMismatch(): void;
}

/**
 * Writes the head of a request and, if it has one, begins with its body.
 * @returns null for a request without a body.
 */
export function writeRequest(
  socket: Socket,
  { head, bodyLength, request }: PendingRequest,
  events: BodyEvents,
): BodyWriter | null {
  if (request.body === null) {
    socket.write(head, 'latin1');
    return null;
  }
  // The head leaves with the first of the body, if that comes in this turn.
  socket.cork();
  socket.write(head, 'latin1');
  setImmediate(() => socket.uncork());
  return new BodyWriter(socket, request.body, bodyLength, events);
}

export class BodyWriter {
  readonly #socket: Socket;
  readonly #body: Readable;
  readonly #length: number | undefined;
  readonly #events: BodyEvents;
  #bytes = 0;
  #isDone = false;

  /** @param length as declared in the head; undefined: the body is sent in chunks. */
  constructor(socket: Socket, body: Readable, length: number | undefined, events: BodyEvents) {
    this.#socket = socket;
    this.#body = body;
    this.#length = length;
    this.#events = events;
    body.on('data', this.#onData);
    body.on('end', this.#onEnd);
  }

  /** All of the body has been written. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The next bytes are to come from the client, not to be taken by the upstream. */
  get waitsForClient(): boolean {
    return !this.#isDone && !this.#socket.writableNeedDrain;
  }

  onDrain(): void {
    if (this.#isDone) return;
    this.#body.resume();
    this.#events.onProgress();
  }

  /** The rest is not wanted. */
  stop(): void {
    this.#body.off('data', this.#onData);
    this.#body.off('end', this.#onEnd);
    this.#body.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (chunk.length === 0) return;
    this.#bytes += chunk.length;
    if (this.#length === undefined) this.#writeChunk(chunk);
    else if (this.#bytes > this.#length) {
      this.#events.onMismatch();
      return;
    } else this.#socket.write(chunk);
    this.#events.onProgress();
    // Not the result of `write`: the socket may have emitted 'drain' already when it was uncorked.
    if (this.#socket.writableNeedDrain) this.#body.pause();
  };

  #writeChunk(chunk: Buffer): void {
    this.#socket.cork();
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    this.#socket.write(chunk);
    this.#socket.write('\r\n', 'latin1');
    this.#socket.uncork();
  }

  readonly #onEnd = (): void => {
    if (this.#length === undefined) this.#socket.write('0\r\n\r\n', 'latin1');
    else if (this.#bytes < this.#length) {
      this.#events.onMismatch();
      return;
    }
    this.#isDone = true;
    this.#events.onProgress();
  };
}
