/** A WebSocket at the edge: the runtime reads the frames, so that we hand on whole messages, and count those. */

import type { Headers, Request, RequestInit, Response, WebSocket } from '@cloudflare/workers-types';
import type { Counter, CountResult } from '../../count/counter.ts';
import type { Conversation } from '../../count/graphql/conversation.ts';
import type { MessageKind } from '../../count/route/match.ts';
import type { MeteredExchange } from '../../gateway.ts';
import { answer } from './answer.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { upstreamFailed } from './failed-exchange.ts';
import { fetchWithin } from './fetch-within.ts';
import { headersOf, listOf } from './header-list.ts';
import { areCallsShort, ofThisInvocation } from './invocation.ts';
import { runtime } from './runtime.ts';
import { Watch } from './watch.ts';

/** Of each hop alone: the runtime makes them for ours. */
const OF_THE_HOP = [
  'sec-websocket-key',
  'sec-websocket-accept',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'connection',
  'upgrade',
];
/** Policy violation (RFC 6455, section 7.4.1). */
const OVER_THE_LIMIT = 1008;
const GOING_AWAY = 1001;
/** What servers of graphql-transport-ws answer to a message that they do not read; clients do not try again. */
const BAD_REQUEST = 4400;
/** Service restart (IANA's registry of close codes): the client may connect again. */
const CONNECT_AGAIN = 1012;

const encoder = new TextEncoder();

export function isUpgrade(request: Request): boolean {
  return request.headers.get('upgrade')?.trim().toLowerCase() === 'websocket';
}

export async function forwardUpgrade(
  metered: MeteredExchange,
  request: Request,
  context: ExchangeContext,
): Promise<Response> {
  const headers = headersPastTheHop(metered.upstreamHeaders);
  headers.set('Upgrade', 'websocket');
  const init: RequestInit = {
    method: request.method,
    headers,
    redirect: 'manual',
    encodeResponseBody: 'manual',
  };
  const watch = new Watch();
  try {
    const upstream = await fetchWithin(
      context.headersTimeoutMs,
      watch,
      context.upstream + metered.path,
      init,
    );
    if (upstream.webSocket === null) return await answer(metered, upstream, request.signal, context, watch);
    watch.end();
    return join(metered, upstream, upstream.webSocket, context);
  } catch (thrown) {
    watch.end();
    return upstreamFailed(metered, thrown, context);
  }
}

/** The upstream switched protocols: the client receives its 101, then both sides send for as long as they like. */
function join(
  metered: MeteredExchange,
  upstream: Response,
  peer: WebSocket,
  context: ExchangeContext,
): Response {
  const { headers, counter, messages, conversation } = metered.onResponseHead(
    101,
    listOf(upstream.headers),
    () => {},
  );
  const kept = headersPastTheHop(headers);
  if (counter === null || messages === null) {
    const meter = (result: CountResult | null) => metered.settle(result, 0, true, () => {});
    if (counter === null) meter(null);
    else counter.end(meter);
    return new runtime.Response(null, { status: 101, headers: kept, webSocket: peer });
  }
  const { 0: client, 1: socket } = new runtime.WebSocketPair();
  const counted = new CountedSocket(metered, counter, messages, conversation, socket, peer, context);
  context.keepAlive(counted.run());
  return new runtime.Response(null, { status: 101, headers: kept, webSocket: client });
}

function headersPastTheHop(list: readonly string[]): Headers {
  const headers = headersOf(list);
  for (const name of OF_THE_HOP) headers.delete(name);
  return headers;
}

class CountedSocket {
  readonly #metered: MeteredExchange;
  readonly #counter: Counter;
  readonly #kind: MessageKind;
  /** Reads what the client asks; null if its messages do not matter. */
  readonly #conversation: Conversation | null;
  readonly #socket: WebSocket;
  readonly #peer: WebSocket;
  readonly #context: Pick<ExchangeContext, 'maxSocketBytes' | 'onFailure'>;
  /** Of the messages that the client was given. */
  #bytes = 0;
  /** A message came that is not of the kind in which posts are looked for. */
  #hasOther = false;
  #isOver = false;

  constructor(
    metered: MeteredExchange,
    counter: Counter,
    kind: MessageKind,
    conversation: Conversation | null,
    socket: WebSocket,
    peer: WebSocket,
    context: Pick<ExchangeContext, 'maxSocketBytes' | 'onFailure'>,
  ) {
    this.#context = context;
    this.#metered = metered;
    this.#counter = counter;
    this.#kind = kind;
    this.#conversation = conversation;
    this.#socket = socket;
    this.#peer = peer;
  }

  /** Resolves when the connection is over and metered. */
  async run(): Promise<void> {
    const isWhole = await new Promise<boolean>((resolve) => this.#join(resolve));
    this.#meter(isWhole);
  }

  /** @param ended called with whether the upstream closed in order. */
  #join(ended: (isWhole: boolean) => void): void {
    const end = (isWhole: boolean): void => {
      this.#isOver = true;
      ended(isWhole);
    };
    for (const [one, other] of [
      [this.#peer, this.#socket],
      [this.#socket, this.#peer],
    ] as const) {
      one.binaryType = 'arraybuffer';
      one.addEventListener('close', ({ code, reason, wasClean }) => {
        close(other, code, reason);
        end(wasClean && one === this.#peer);
      });
      one.addEventListener('error', ({ message }) => {
        // A message over the runtime's 32 MiB is such an error too.
        if (one === this.#peer && !this.#isOver) {
          this.#context.onFailure('upstream_broke_off', new Error(message), this.#metered);
        }
        close(other, GOING_AWAY, '');
        end(false);
      });
    }
    const give = ofThisInvocation((message: string | ArrayBuffer) => {
      if (!this.#isOver && !this.#give(message)) end(false);
    });
    this.#socket.addEventListener('message', ({ data }) => {
      if (!this.#isOver && !this.#ask(data as string | ArrayBuffer)) end(false);
    });
    this.#peer.addEventListener('message', ({ data }) => give(data as string | ArrayBuffer));
    this.#socket.accept();
    this.#peer.accept();
    if (!this.#isUnderstood()) end(false);
  }

  /** @returns false if it was refused. */
  #ask(message: string | ArrayBuffer): boolean {
    this.#conversation?.hear(typeof message === 'string' ? message : new Uint8Array(message));
    if (!this.#isUnderstood()) return false;
    this.#peer.send(message);
    return true;
  }

  /** @returns false if it is not, and the connection was closed. */
  #isUnderstood(): boolean {
    const reason = this.#conversation?.refusal ?? null;
    if (reason === null) return true;
    close(this.#socket, BAD_REQUEST, reason);
    close(this.#peer, GOING_AWAY, '');
    return false;
  }

  /**
   * The runtime does not say what the client has read, and keeps what it has not: nothing bounds that but an end. The
   * client's answer to the closing frame comes after all that it has read.
   * @returns false if it was the last.
   */
  #give(message: string | ArrayBuffer): boolean {
    this.#socket.send(message);
    const isBinary = typeof message !== 'string';
    const bytes = isBinary ? new Uint8Array(message) : encoder.encode(message);
    this.#bytes += bytes.length;
    if (!this.#count(bytes, isBinary)) return false;
    if (this.#bytes < this.#context.maxSocketBytes && !areCallsShort()) return true;
    close(this.#socket, CONNECT_AGAIN, 'connect again');
    close(this.#peer, GOING_AWAY, '');
    return false;
  }

  /** @returns false if the connection was closed. */
  #count(bytes: Uint8Array, isBinary: boolean): boolean {
    const isAttachment = isBinary && this.#kind === 'packets';
    if (isAttachment) return true;
    if (isBinary !== (this.#kind === 'binary') && !(isBinary && beginsAsJson(bytes))) {
      // Where a client may ask for compressed messages (Jetstream), they are binary instead.
      this.#hasOther ||= bytes.length > 0;
      if (this.#hasOther) this.#conversation?.refuseAnswer();
      return this.#isUnderstood();
    }
    this.#counter.write(bytes);
    if (this.#metered.meterPartial(this.#counter, this.#bytes)) return this.#isUnderstood();
    close(this.#socket, OVER_THE_LIMIT, 'over the limit of posts');
    close(this.#peer, GOING_AWAY, '');
    return false;
  }

  #meter(isWhole: boolean): void {
    const meter: Parameters<Counter['end']>[0] = (result) => {
      // Of messages that could not be read the counter knows nothing.
      const all = this.#hasOther ? { ...result, uncounted: 'frame' as const } : result;
      this.#metered.settle(all, this.#bytes, isWhole, () => {});
    };
    if (isWhole) this.#counter.end(meter);
    else this.#counter.abort(meter);
  }
}

function beginsAsJson(message: Uint8Array): boolean {
  return message[0] === 0x7b || message[0] === 0x5b;
}

/** Codes that stand for no closing frame cannot be sent in one (RFC 6455, section 7.4.1). */
function close(socket: WebSocket, code: number, reason: string): void {
  try {
    if (code === 1005 || code === 1006 || code === 1015) socket.close();
    else socket.close(code, reason);
  } catch {
    // It is closed already.
  }
}
