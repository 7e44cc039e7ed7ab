/**
 * A WebSocket whose messages are counted. It writes the upstream's bytes to the client as they come, and reads the
 * messages from those that the client's socket has accepted. Usage is metered while the connection is open.
 */

import type { Socket } from 'node:net';
import type { Counter, CountResult } from '../../../count/counter.ts';
import type { Conversation } from '../../../count/graphql/conversation.ts';
import type { MessageKind } from '../../../count/route/match.ts';
import type { MeteredExchange } from '../../../exchange/metered-exchange.ts';
import { ClientGate } from './client-gate.ts';
import { FrameBoundaries } from './frame-boundaries.ts';
import { MessageReader } from './message-reader.ts';

/** Policy violation (RFC 6455, section 7.4.1). */
const OVER_THE_LIMIT = { code: 1_008, reason: 'over the limit of posts' };
/** Close code of graphql-transport-ws servers for a message that they cannot read. Clients do not reconnect. */
const BAD_REQUEST = 4_400;
/** Time for the rest of the current frame, and for the client to read what was sent. */
const LINGER_MS = 1_000;

interface CloseReason {
  readonly code: number;
  /** At most 123 bytes of ASCII. */
  readonly reason: string;
}

export interface MeteredWebSocketOptions {
  readonly metered: MeteredExchange;
  readonly counter: Counter;
  readonly kind: MessageKind;
  /** The upstream's Sec-WebSocket-Extensions. */
  readonly extensions: string | undefined;
  /** Reads the client's messages; null if they do not affect the count. */
  readonly conversation: Conversation | null;
  readonly socket: Socket;
  readonly peer: Socket;
}

export class MeteredWebSocket {
  readonly #metered: MeteredExchange;
  readonly #counter: Counter;
  readonly #socket: Socket;
  readonly #peer: Socket;
  readonly #reader: MessageReader;
  readonly #conversation: Conversation | null;
  readonly #gate: ClientGate | null;
  readonly #boundaries = new FrameBoundaries();
  /** Bytes that the client's socket has accepted. */
  #bytes = 0;
  /** Bytes written to the client's socket and not yet accepted. */
  #inFlightBytes = 0;
  #clientWaits = false;
  #readerWaits = false;
  /** Why the connection closes at the next frame boundary. */
  #closeReason: CloseReason | null = null;

  constructor({ metered, counter, kind, extensions, conversation, socket, peer }: MeteredWebSocketOptions) {
    this.#metered = metered;
    this.#counter = counter;
    this.#socket = socket;
    this.#peer = peer;
    this.#conversation = conversation;
    this.#gate =
      conversation && new ClientGate(conversation, socket, peer, () => this.#closeIfRefused(conversation));
    if (extensions !== undefined) conversation?.refuse();
    this.#reader = new MessageReader({
      extensions,
      kind,
      onMessage: (message) => this.#count(message),
      onDrain: () => this.#readerDrained(),
    });
  }

  /**
   * @param peerHead bytes that the upstream has already sent after its response head.
   * @param head bytes that the client has already sent after its request.
   */
  start(peerHead: Buffer, head: Buffer): void {
    if (this.#conversation !== null) this.#closeIfRefused(this.#conversation);
    if (peerHead.length > 0) this.#forward(peerHead);
    this.#peer.on('data', (chunk: Buffer) => this.#forward(chunk));
    this.#peer.on('end', () => this.#socket.end());
    this.#peer.resume();
    this.#socket.on('drain', () => this.#clientDrained());
    this.#socket.on('close', () => this.#reader.end(() => this.#end()));
    if (this.#gate !== null) this.#gate.start(head);
    else {
      if (head.length > 0) this.#peer.write(head);
      this.#socket.pipe(this.#peer);
    }
  }

  #forward(chunk: Buffer): void {
    if (this.#closeReason === null) {
      this.#boundaries.skip(chunk);
      this.#write(chunk);
    } else if (this.#socket.writable) {
      this.#write(chunk.subarray(0, this.#boundaries.skipFrame(chunk)));
      this.#closeAtBoundary();
    }
  }

  #write(chunk: Buffer): void {
    this.#inFlightBytes += chunk.length;
    const hasRoom = this.#socket.write(chunk, (error) => {
      if (error == null) this.#onAccepted(chunk);
    });
    if (hasRoom) return;
    this.#clientWaits = true;
    this.#peer.pause();
  }

  #onAccepted(chunk: Buffer): void {
    this.#inFlightBytes -= chunk.length;
    this.#bytes += chunk.length;
    const hasRoom = this.#reader.write(chunk);
    // The rest of a message that exceeds the limit is not delivered.
    if (this.#conversation?.refuses && this.#reader.fault !== undefined) this.#socket.destroy();
    if (hasRoom) return;
    this.#readerWaits = true;
    this.#peer.pause();
  }

  #count(message: Uint8Array): void {
    this.#counter.write(message);
    if (!this.#metered.meterPartial(this.#counter, this.#bytes)) this.#close(OVER_THE_LIMIT);
    else if (this.#conversation !== null) this.#closeIfRefused(this.#conversation);
  }

  #closeIfRefused({ refusal }: Conversation): void {
    if (refusal !== null) this.#close({ code: BAD_REQUEST, reason: refusal });
  }

  /** Closes the connection after the current frame. */
  #close(reason: CloseReason): void {
    if (this.#closeReason !== null || this.#socket.destroyed) return;
    this.#closeReason = reason;
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    this.#closeAtBoundary();
  }

  #closeAtBoundary(): void {
    if (this.#closeReason === null || !this.#boundaries.isAtBoundary || !this.#socket.writable) return;
    this.#peer.pause();
    // The client is still read, because closing a socket with unread bytes may discard the close frame.
    this.#gate?.shut();
    this.#socket.unpipe(this.#peer).resume();
    this.#socket.end(closeFrame(this.#closeReason));
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
    const isComplete =
      this.#closeReason === null && (isClosed || (this.#peer.readableEnded && this.#inFlightBytes === 0));
    const settle = (result: CountResult): void => {
      // The counter does not know of messages that could not be read.
      const all = fault === undefined ? result : { ...result, uncounted: fault };
      this.#metered.settle(all, this.#bytes, isComplete, () => {});
    };
    if (isComplete) this.#counter.end(settle);
    else this.#counter.abort(settle);
  }
}

/** RFC 6455, section 5.5.1. */
function closeFrame({ code, reason }: CloseReason): Buffer {
  return Buffer.from([0x88, 2 + reason.length, code >> 8, code & 0xff, ...Buffer.from(reason)]);
}
