/**
 * The client's side of a WebSocket whose messages affect the count. The bytes of a message go to the upstream once the
 * message was read, and never after one that was refused.
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

  /** @param onRefusal called synchronously when a message is refused. */
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

  /** @param head bytes that the client has already sent. */
  start(head: Buffer): void {
    if (head.length > 0) this.#pass(head);
    this.#socket.on('data', (chunk: Buffer) => this.#pass(chunk));
    this.#socket.on('end', () => this.#peer.end());
    this.#peer.on('drain', () => this.#socket.resume());
    this.#socket.resume();
  }

  /** Sends nothing more to the upstream. The client's bytes are still read, and dropped. */
  shut(): void {
    this.#isShut = true;
    this.#socket.resume();
  }

  #pass(chunk: Buffer): void {
    // Bytes after a close frame are ignored.
    if (this.#isShut || this.#reader.isClosed) return;
    // The reader unmasks in place, and the upstream must get the masked bytes.
    this.#reader.write(Buffer.from(chunk));
    if (this.#reader.fault !== undefined) this.#conversation.refuse();
    if (this.#conversation.refusal !== null) {
      this.shut();
      this.#onRefusal();
    } else if (!this.#peer.write(chunk)) this.#socket.pause();
  }
}
