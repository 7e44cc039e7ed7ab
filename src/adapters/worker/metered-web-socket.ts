/** A counted WebSocket at the edge. The runtime parses the frames, so whole messages are forwarded and counted. */

import type { WebSocket } from '@cloudflare/workers-types';
import type { Counter } from '../../count/counter.ts';
import type { Conversation } from '../../count/graphql/conversation.ts';
import type { MessageKind } from '../../count/route/match.ts';
import type { MeteredExchange } from '../../exchange/metered-exchange.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { areCallsShort, bindToInvocation } from './invocation.ts';

/** Policy violation (RFC 6455, section 7.4.1). */
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;
/** The code with which a graphql-transport-ws server rejects a message. Clients do not reconnect then. */
const BAD_REQUEST = 4400;
/** The client may reconnect (IANA's registry of close codes). */
const SERVICE_RESTART = 1012;

const encoder = new TextEncoder();

/** Connects two sockets, and meters the messages to the client. */
export class MeteredWebSocket {
  readonly #metered: MeteredExchange;
  readonly #counter: Counter;
  readonly #kind: MessageKind;
  /** Reads the client's messages; null if they do not affect the count. */
  readonly #conversation: Conversation | null;
  readonly #client: WebSocket;
  readonly #upstream: WebSocket;
  readonly #context: Pick<ExchangeContext, 'maxSocketBytes' | 'onFailure'>;
  /** Bytes of the messages to the client. */
  #bytes = 0;
  /** True if a message was not of the kind that is counted. */
  #hasUncounted = false;
  #isOver = false;

  constructor(
    metered: MeteredExchange,
    counter: Counter,
    kind: MessageKind,
    conversation: Conversation | null,
    client: WebSocket,
    upstream: WebSocket,
    context: Pick<ExchangeContext, 'maxSocketBytes' | 'onFailure'>,
  ) {
    this.#context = context;
    this.#metered = metered;
    this.#counter = counter;
    this.#kind = kind;
    this.#conversation = conversation;
    this.#client = client;
    this.#upstream = upstream;
  }

  /** Resolves when the connection has ended and is metered. */
  async run(): Promise<void> {
    const isWhole = await new Promise<boolean>((resolve) => this.#connect(resolve));
    this.#meter(isWhole);
  }

  /** @param ended called with true if the upstream closed the connection cleanly. */
  #connect(ended: (isWhole: boolean) => void): void {
    const end = (isWhole: boolean): void => {
      this.#isOver = true;
      ended(isWhole);
    };
    for (const [from, to] of [
      [this.#upstream, this.#client],
      [this.#client, this.#upstream],
    ] as const) {
      from.binaryType = 'arraybuffer';
      from.addEventListener('close', ({ code, reason, wasClean }) => {
        close(to, code, reason);
        end(wasClean && from === this.#upstream);
      });
      from.addEventListener('error', ({ message }) => {
        // A message over the runtime's limit of 32 MiB is such an error, too.
        if (from === this.#upstream && !this.#isOver) {
          this.#context.onFailure('upstream_broke_off', new Error(message), this.#metered);
        }
        close(to, GOING_AWAY, '');
        end(false);
      });
    }
    const deliver = bindToInvocation((message: string | ArrayBuffer) => {
      if (!this.#isOver && !this.#deliver(message)) end(false);
    });
    this.#client.addEventListener('message', ({ data }) => {
      if (!this.#isOver && !this.#forward(data as string | ArrayBuffer)) end(false);
    });
    this.#upstream.addEventListener('message', ({ data }) => deliver(data as string | ArrayBuffer));
    this.#client.accept();
    this.#upstream.accept();
    if (!this.#isReadable()) end(false);
  }

  /** Forwards a message of the client. Returns false if it was refused. */
  #forward(message: string | ArrayBuffer): boolean {
    this.#conversation?.hear(typeof message === 'string' ? message : new Uint8Array(message));
    if (!this.#isReadable()) return false;
    this.#upstream.send(message);
    return true;
  }

  /** Closes the connection and returns false if the conversation cannot be read, and thus not counted. */
  #isReadable(): boolean {
    const reason = this.#conversation?.refusal ?? null;
    if (reason === null) return true;
    return this.#close(BAD_REQUEST, reason);
  }

  /**
   * Delivers a message to the client. The runtime queues what the client has not read, and does not report the size of the
   * queue (cloudflare/workerd issue 988: no `bufferedAmount`). Only the end of the connection bounds the queue. The client
   * answers the close frame after it has read everything before it.
   * @returns false if the connection was closed.
   */
  #deliver(message: string | ArrayBuffer): boolean {
    this.#client.send(message);
    const isBinary = typeof message !== 'string';
    const bytes = isBinary ? new Uint8Array(message) : encoder.encode(message);
    this.#bytes += bytes.length;
    if (!this.#count(bytes, isBinary)) return false;
    if (this.#bytes < this.#context.maxSocketBytes && !areCallsShort()) return true;
    return this.#close(SERVICE_RESTART, 'connect again');
  }

  /** Counts a message to the client. Returns false if the connection was closed. */
  #count(bytes: Uint8Array, isBinary: boolean): boolean {
    const isAttachment = isBinary && this.#kind === 'packets';
    if (isAttachment) return true;
    if (isBinary !== (this.#kind === 'binary') && !(isBinary && beginsAsJson(bytes))) {
      // A client can request compressed messages (Jetstream), which are binary.
      this.#hasUncounted ||= bytes.length > 0;
      if (this.#hasUncounted) this.#conversation?.refuseAnswer();
      return this.#isReadable();
    }
    this.#counter.write(bytes);
    if (this.#metered.meterPartial(this.#counter, this.#bytes)) return this.#isReadable();
    return this.#close(POLICY_VIOLATION, 'over the limit of posts');
  }

  #close(code: number, reason: string): false {
    close(this.#client, code, reason);
    close(this.#upstream, GOING_AWAY, '');
    return false;
  }

  #meter(isWhole: boolean): void {
    const meter: Parameters<Counter['end']>[0] = (result) => {
      // The counter does not know of messages that could not be read.
      const all = this.#hasUncounted ? { ...result, uncounted: 'frame' as const } : result;
      this.#metered.settle(all, this.#bytes, isWhole, () => {});
    };
    if (isWhole) this.#counter.end(meter);
    else this.#counter.abort(meter);
  }
}

function beginsAsJson(message: Uint8Array): boolean {
  return message[0] === 0x7b || message[0] === 0x5b;
}

/** Codes that report the absence of a close frame cannot be sent in one (RFC 6455, section 7.4.1). */
function close(socket: WebSocket, code: number, reason: string): void {
  try {
    if (code === 1005 || code === 1006 || code === 1015) socket.close();
    else socket.close(code, reason);
  } catch {
    // The socket is already closed.
  }
}
