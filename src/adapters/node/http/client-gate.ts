/**
 * The client's side of a WebSocket on which it asks for what it gets: its bytes go to the upstream once the messages
 * in them were read, and never if one of them was refused.
 */

import type { Socket } from 'node:net';
import type { Conversation } from '../../../count/graphql/conversation.ts';
import { MessageReader } from './message-reader.ts';

export class ClientGate {
  readonly #conversation: Conversation;
  readonly #socket: Socket;
  readonly #peer: Socket;
  readonly #onRefusal: () => void;
  readonly #reader: MessageReader;
  #isShut = false;

  /** @param onRefusal called in the turn in which a message was refused. */
  constructor(conversation: Conversation, socket: Socket, peer: Socket, onRefusal: () => void) {
    this.#conversation = conversation;
    this.#socket = socket;
    this.#peer = peer;
    this.#onRefusal = onRefusal;
    this.#reader = new MessageReader({
      extensions: undefined,
      isFromClient: true,
      maxBytes: conversation.maxBytes,
      kind: 'text',
      onMessage: (message) => conversation.hear(message),
      onDrain: () => {},
    });
  }

  /** @param head what the client has sent already. */
  start(head: Buffer): void {
    if (head.length > 0) this.#pass(head);
    this.#socket.on('data', (chunk: Buffer) => this.#pass(chunk));
    this.#socket.on('end', () => this.#peer.end());
    this.#peer.on('drain', () => this.#socket.resume());
    this.#socket.resume();
  }

  /** Nothing more goes to the upstream. What the client says is read on, and dropped. */
  shut(): void {
    this.#isShut = true;
    this.#socket.resume();
  }

  #pass(chunk: Buffer): void {
    // Nothing follows a closing frame; what a client sends all the same is not read.
    if (this.#isShut || this.#reader.isClosed) return;
    // The reader takes the mask off in place, and the upstream must get the bytes with it.
    this.#reader.write(Buffer.from(chunk));
    if (this.#reader.fault !== undefined) this.#conversation.refuse();
    if (this.#conversation.refusal !== null) {
      this.shut();
      this.#onRefusal();
    } else if (!this.#peer.write(chunk)) this.#socket.pause();
  }
}
