/**
 * WebSocket and other upgrades (RFC 9110, section 7.8). Bytes are piped only after the upstream's own 101. After any
 * other response the connection is closed, because later requests on it would bypass the meter.
 */

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CountResult } from '../../../count/counter.ts';
import type { MeteredExchange } from '../../../exchange/metered-exchange.ts';
import { fieldValue } from '../../../forward/header-names.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { MeteredWebSocket } from './metered-websocket.ts';
import { pairsOf } from './raw-headers.ts';
import { sendProblem } from './send-problem.ts';
import type {
  RequestHandle,
  UpgradeHandler,
  Upstream,
  UpstreamRequest,
} from './upstream/response-handler.ts';

/** The client's side of an upgrade, as passed to Node's `upgrade` event. */
export interface UpgradeRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly socket: Socket;
  /** Bytes that the client has already sent after its request. */
  readonly head: Buffer;
}

/** Creates a response on a socket that Node has handed over with its `upgrade` event. The connection ends with it. */
export function responseOn(incoming: IncomingMessage, socket: Socket): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.on('finish', () => socket.destroySoon());
  socket.on('error', () => socket.destroy());
  // Node keeps the idle time-out, but has removed its own listener.
  socket.on('timeout', () => socket.destroy());
  return outgoing;
}

/** An exchange that requests an upgrade. A response other than 101 is forwarded and counted like any other. */
export class UpgradeExchange extends Exchange implements UpgradeHandler {
  readonly #metered: MeteredExchange;
  readonly #request: UpgradeRequest;
  readonly #early: EarlyBytes;

  constructor(context: ExchangeContext, metered: MeteredExchange, request: UpgradeRequest) {
    super(context, metered, null, request.outgoing);
    this.#metered = metered;
    this.#request = request;
    this.#early = new EarlyBytes(request.socket, request.head);
  }

  protected override send(request: UpstreamRequest, upstream: Upstream): RequestHandle {
    return upstream.upgrade(request, this.#request.incoming.headers.upgrade ?? '', this);
  }

  /** Its connection is always new, so a retry on a new connection would not help. */
  protected override mayRetry(): boolean {
    return false;
  }

  override onHeaders(status: number, reason: string, headers: readonly string[]): void {
    if (status >= 200) this.#early.discard();
    super.onHeaders(status, reason, headers);
  }

  onUpgrade(headers: readonly string[], peer: Socket, peerHead: Buffer): void {
    closeTogether(peer, this.#request.socket);
    if (!this.detach()) peer.destroy();
    else tunnel(this.#metered, headers, this.#request, this.#early.take(), peer, peerHead);
  }
}

/** Maximum number of bytes read from a client before the upstream has switched protocols. */
const MAX_EARLY_BYTES = 65_536;

/** Reads what a client sends before the switch, because Node reports a closed peer only while a socket is being read. */
class EarlyBytes {
  readonly #socket: Socket;
  readonly #chunks: Buffer[];
  #bytes: number;

  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#chunks = [head];
    this.#bytes = head.length;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
  }

  /** @returns the bytes received so far. The socket is paused. */
  take(): Buffer {
    this.#socket.pause();
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    return Buffer.concat(this.#chunks);
  }

  /** Discards all bytes. Reading continues, because closing a socket with unread bytes may discard the response. */
  discard(): void {
    this.#socket.off('data', this.#onData);
    this.#chunks.length = 0;
    this.#socket.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_EARLY_BYTES) this.#socket.pause();
  };

  /** The client has closed its side, so it cannot use the new protocol. */
  readonly #onEnd = (): void => {
    this.#socket.destroy();
  };
}

/** Seconds without a byte after which the operating system probes whether the peer is still there. */
const PROBE_AFTER_S = 60;

/** Sends 101 to the client and connects both sides. */
function tunnel(
  metered: MeteredExchange,
  received: readonly string[],
  { outgoing, socket }: UpgradeRequest,
  head: Buffer,
  peer: Socket,
  peerHead: Buffer,
): void {
  const { headers, counter, messages, conversation } = metered.onResponseHead(101, received, () => {});
  const problem = metered.withhold();
  if (problem !== null) {
    counter?.abort(() => {});
    sendProblem(outgoing, problem);
    peer.destroy();
    return;
  }
  const protocol = fieldValue(received, 'upgrade') ?? '';
  headers.push('Connection', 'Upgrade', 'Upgrade', protocol);
  outgoing.removeAllListeners('finish');
  outgoing.detachSocket(socket);
  socket.removeAllListeners('timeout');
  socket.setKeepAlive(true, PROBE_AFTER_S * 1000);
  closeTogether(socket, peer);
  if (counter !== null && messages !== null && protocol.trim().toLowerCase() === 'websocket') {
    const extensions = fieldValue(received, 'sec-websocket-extensions');
    const kind = messages;
    const webSocket = new MeteredWebSocket({
      metered,
      counter,
      kind,
      extensions,
      conversation,
      socket,
      peer,
    });
    sendSwitch(socket, headers);
    webSocket.start(peerHead, head);
    return;
  }
  const end = (done: (result: CountResult | null) => void) =>
    counter === null ? done(null) : counter.end(done);
  const released = (mayGo: boolean): void => {
    // Unreadable messages are refused, and these could not be read.
    if (!mayGo || conversation?.refuses) {
      socket.destroy();
      return;
    }
    sendSwitch(socket, headers);
    if (peerHead.length > 0) socket.write(peerHead);
    peer.pipe(socket);
    if (head.length > 0) peer.write(head);
    socket.pipe(peer);
  };
  end((result) => metered.settle(result, 0, true, released));
}

function sendSwitch(socket: Socket, headers: readonly string[]): void {
  const lines = pairsOf(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`, 'latin1');
}

/** Closes `other` with `one`: after the bytes sent before an orderly end, at once after an abrupt one. */
function closeTogether(one: Socket, other: Socket): void {
  one.on('error', () => one.destroy());
  one.on('close', () => {
    if (one.readableEnded) other.destroySoon();
    else other.destroy();
  });
}
