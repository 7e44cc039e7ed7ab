/**
 * A WebSocket whose messages are counted: hands the upstream's bytes to the client as they come, and reads the
 * messages in those that the client's socket has taken. Usage is metered while the connection lives.
 */

import type { Socket } from 'node:net';
import type { Counter, CountResult } from '../../count/counter.ts';
import type { MessageKind } from '../../count/route/match.ts';
import type { Passage } from '../../gateway.ts';
import { FrameEdges } from './frame-edges.ts';
import { MessageReader } from './message-reader.ts';

/** A closing frame: policy violation (RFC 6455, section 7.4.1). */
const CLOSE_REASON = 'over the limit of posts';
const CLOSE_FRAME = Buffer.from([0x88, 2 + CLOSE_REASON.length, 0x03, 0xf0, ...Buffer.from(CLOSE_REASON)]);
/** For the rest of the frame under way, and for the client to take what it was given. */
const LINGER_MS = 1_000;

export interface CountedSocketOptions {
  readonly passage: Passage;
  readonly counter: Counter;
  readonly kind: MessageKind;
  /** What the upstream answered in Sec-WebSocket-Extensions. */
  readonly extensions: string | undefined;
  readonly socket: Socket;
  readonly peer: Socket;
}

export class CountedSocket {
  readonly #passage: Passage;
  readonly #counter: Counter;
  readonly #socket: Socket;
  readonly #peer: Socket;
  readonly #reader: MessageReader;
  readonly #edges = new FrameEdges();
  /** Bytes that the client's socket has taken. */
  #bytes = 0;
  /** Bytes that it was given and has not taken. */
  #untakenBytes = 0;
  #clientWaits = false;
  #readerWaits = false;
  #isCut = false;

  constructor({ passage, counter, kind, extensions, socket, peer }: CountedSocketOptions) {
    this.#passage = passage;
    this.#counter = counter;
    this.#socket = socket;
    this.#peer = peer;
    this.#reader = new MessageReader({
      extensions,
      kind,
      onMessage: (message) => this.#count(message),
      onDrain: () => this.#readerDrained(),
    });
  }

  /** @param head what the upstream sent behind its answer already. */
  start(head: Buffer): void {
    if (head.length > 0) this.#forward(head);
    this.#peer.on('data', (chunk: Buffer) => this.#forward(chunk));
    this.#peer.on('end', () => this.#socket.end());
    this.#peer.resume();
    this.#socket.on('drain', () => this.#clientDrained());
    this.#socket.on('close', () => this.#reader.end(() => this.#end()));
  }

  #forward(chunk: Buffer): void {
    if (!this.#isCut) {
      this.#edges.pass(chunk);
      this.#give(chunk);
    } else if (this.#socket.writable) {
      this.#give(chunk.subarray(0, this.#edges.passFrame(chunk)));
      this.#closeAtEdge();
    }
  }

  #give(chunk: Buffer): void {
    this.#untakenBytes += chunk.length;
    const goesOn = this.#socket.write(chunk, (error) => {
      if (error == null) this.#taken(chunk);
    });
    if (goesOn) return;
    this.#clientWaits = true;
    this.#peer.pause();
  }

  #taken(chunk: Buffer): void {
    this.#untakenBytes -= chunk.length;
    this.#bytes += chunk.length;
    if (this.#reader.write(chunk)) return;
    this.#readerWaits = true;
    this.#peer.pause();
  }

  #count(message: Uint8Array): void {
    this.#counter.write(message);
    if (!this.#passage.meterSoFar(this.#counter, this.#bytes)) this.#cut();
  }

  /** The client is over its limit: the frame under way is its last. */
  #cut(): void {
    if (this.#isCut || this.#socket.destroyed) return;
    this.#isCut = true;
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    this.#closeAtEdge();
  }

  #closeAtEdge(): void {
    if (!this.#edges.isAtEdge || !this.#socket.writable) return;
    this.#peer.pause();
    // What the client says is read on: a socket closed with bytes unread in it takes the closing frame with it.
    this.#socket.unpipe(this.#peer).resume();
    this.#socket.end(CLOSE_FRAME);
  }

  #clientDrained(): void {
    this.#clientWaits = false;
    if (!this.#readerWaits) this.#peer.resume();
  }

  #readerDrained(): void {
    this.#readerWaits = false;
    if (!this.#clientWaits) this.#peer.resume();
  }

  #end(): void {
    const { isClosed, fault } = this.#reader;
    const isWhole = !this.#isCut && (isClosed || (this.#peer.readableEnded && this.#untakenBytes === 0));
    const meter = (result: CountResult): void => {
      // Of messages that could not be read the counter knows nothing.
      const all = fault === undefined ? result : { ...result, uncounted: fault };
      this.#passage.meter(all, this.#bytes, isWhole, () => {});
    };
    if (isWhole) this.#counter.end(meter);
    else this.#counter.abort(meter);
  }
}
