/** Writes one request to the upstream's socket, with back-pressure on its body. */

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { PendingRequest } from './pending-request.ts';

export interface BodyEvents {
  /** Called when bytes were written, the socket has drained, or the body is complete. */
  onProgress(): void;
  /** Called if the length of the body differs from its Content-Length. */
  onMismatch(): void;
}

/**
 * Writes the head of a request and starts to write its body, if it has one.
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
  // The head is sent together with the first chunk of the body, if that comes in this turn.
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

  /** @param length as declared in the head; undefined to send the body in chunked coding. */
  constructor(socket: Socket, body: Readable, length: number | undefined, events: BodyEvents) {
    this.#socket = socket;
    this.#body = body;
    this.#length = length;
    this.#events = events;
    body.on('data', this.#onData);
    body.on('end', this.#onEnd);
  }

  /** True once the whole body has been written. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** True if the writer waits for bytes of the client, not for the upstream to accept them. */
  get waitsForClient(): boolean {
    return !this.#isDone && !this.#socket.writableNeedDrain;
  }

  onDrain(): void {
    if (this.#isDone) return;
    this.#body.resume();
    this.#events.onProgress();
  }

  /** Drops the rest of the body. */
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
    // The result of `write` is not used, because the socket may already have emitted 'drain' when it was uncorked.
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
