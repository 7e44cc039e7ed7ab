/**
 * A WebSocket whose messages are counted: hands the upstream's bytes to the client as they come, and reads the
 * messages in those that the client's socket has taken. Usage is metered while the connection lives.
 */

import type { Socket } from 'node:net';
import type { Counter, CountResult } from '../../../count/counter.ts';
import type { Conversation } from '../../../count/graphql/conversation.ts';
import type { MessageKind } from '../../../count/route/match.ts';
import type { MeteredExchange } from '../../../gateway.ts';
import { ClientGate } from './client-gate.ts';
import { FrameBoundaries } from './frame-boundaries.ts';
import { MessageReader } from './message-reader.ts';

/** Policy violation (RFC 6455, section 7.4.1). */
const OVER_THE_LIMIT = { code: 1_008, reason: 'over the limit of posts' };
/** What servers of graphql-transport-ws answer to a message that they do not read; clients do not try again. */
const BAD_REQUEST = 4_400;
/** For the rest of the frame under way, and for the client to take what it was given. */
const LINGER_MS = 1_000;

interface Closing {
  readonly code: number;
  /** At most 123 bytes of ASCII. */
  readonly reason: string;
}

export interface MeteredWebSocketOptions {
  readonly metered: MeteredExchange;
  readonly counter: Counter;
  readonly kind: MessageKind;
  /** What the upstream answered in Sec-WebSocket-Extensions. */
  readonly extensions: string | undefined;
  /** Reads what the client asks; null if its messages do not matter. */
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
  readonly #edges = new FrameBoundaries();
  /** Bytes that the client's socket has taken. */
  #bytes = 0;
  /** Bytes that it was given and has not taken. */
  #untakenBytes = 0;
  #clientWaits = false;
  #readerWaits = false;
  /** Why the connection is cut at the next edge of a frame. */
  #cutFor: Closing | null = null;

  constructor({ metered, counter, kind, extensions, conversation, socket, peer }: MeteredWebSocketOptions) {
    this.#metered = metered;
    this.#counter = counter;
    this.#socket = socket;
    this.#peer = peer;
    this.#conversation = conversation;
    this.#gate =
      conversation && new ClientGate(conversation, socket, peer, () => this.#cutIfRefused(conversation));
    if (extensions !== undefined) conversation?.refuse();
    this.#reader = new MessageReader({
      extensions,
      kind,
      onMessage: (message) => this.#count(message),
      onDrain: () => this.#readerDrained(),
    });
  }

  /**
   * @param peerHead what the upstream sent behind its answer already.
   * @param head what the client sent behind its request already.
   */
  start(peerHead: Buffer, head: Buffer): void {
    if (this.#conversation !== null) this.#cutIfRefused(this.#conversation);
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
    if (this.#cutFor === null) {
      this.#edges.pass(chunk);
      this.#give(chunk);
    } else if (this.#socket.writable) {
      this.#give(chunk.subarray(0, this.#edges.skipFrame(chunk)));
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
    const hasRoom = this.#reader.write(chunk);
    // The rest of a message beyond the bound is not given.
    if (this.#conversation?.refuses && this.#reader.fault !== undefined) this.#socket.destroy();
    if (hasRoom) return;
    this.#readerWaits = true;
    this.#peer.pause();
  }

  #count(message: Uint8Array): void {
    this.#counter.write(message);
    if (!this.#metered.meterPartial(this.#counter, this.#bytes)) this.#cut(OVER_THE_LIMIT);
    else if (this.#conversation !== null) this.#cutIfRefused(this.#conversation);
  }

  #cutIfRefused({ refusal }: Conversation): void {
    if (refusal !== null) this.#cut({ code: BAD_REQUEST, reason: refusal });
  }

  /** The frame under way is the client's last. */
  #cut(why: Closing): void {
    if (this.#cutFor !== null || this.#socket.destroyed) return;
    this.#cutFor = why;
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    this.#closeAtEdge();
  }

  #closeAtEdge(): void {
    if (this.#cutFor === null || !this.#edges.isAtBoundary || !this.#socket.writable) return;
    this.#peer.pause();
    // What the client says is read on: a socket closed with bytes unread in it takes the closing frame with it.
    this.#gate?.shut();
    this.#socket.unpipe(this.#peer).resume();
    this.#socket.end(closingFrame(this.#cutFor));
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
    const isWhole =
      this.#cutFor === null && (isClosed || (this.#peer.readableEnded && this.#untakenBytes === 0));
    const meter = (result: CountResult): void => {
      // Of messages that could not be read the counter knows nothing.
      const all = fault === undefined ? result : { ...result, uncounted: fault };
      this.#metered.settle(all, this.#bytes, isWhole, () => {});
    };
    if (isWhole) this.#counter.end(meter);
    else this.#counter.abort(meter);
  }
}

/** RFC 6455, section 5.5.1. */
function closingFrame({ code, reason }: Closing): Buffer {
  return Buffer.from([0x88, 2 + reason.length, code >> 8, code & 0xff, ...Buffer.from(reason)]);
}
