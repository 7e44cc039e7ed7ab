/**
 * WebSocket and other upgrades (RFC 9110, section 7.8). Bytes are piped only after the upstream's own 101: after any
 * other answer the connection is closed, or what follows on it would pass by the meter.
 */

import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { CountResult } from '../../count/counter.ts';
import { failureOf } from '../../forward/failure.ts';
import { fitReason } from '../../forward/reason.ts';
import type { Passage } from '../../gateway.ts';
import { CountedSocket } from './counted-socket.ts';
import { Delivery } from './delivery.ts';
import type { ExchangeContext } from './exchange.ts';
import { pairsOf } from './raw-headers.ts';
import { sendProblem } from './send-problem.ts';
import type { UpstreamTls } from './upstream.ts';

export interface UpgradeUpstream {
  readonly url: URL;
  readonly tls: UpstreamTls;
  /** For the whole answer to the upgrade, the connection included. */
  readonly headersTimeoutMs: number;
}

export interface UpgradeContext extends Pick<ExchangeContext, 'onFailure' | 'endOfTurn'> {
  readonly upgradeUpstream: UpgradeUpstream;
}

/** The client's side of an upgrade, as Node's `upgrade` event gives it. */
export interface UpgradeRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly socket: Socket;
  /** What the client sent after its request already. */
  readonly head: Buffer;
}

/** A response for a request whose socket Node has handed over with its `upgrade` event; the connection ends with it. */
export function responseOn(incoming: IncomingMessage, socket: Socket): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.on('finish', () => socket.destroySoon());
  socket.on('error', () => socket.destroy());
  // Node sets the idle time-out, but has taken its own listener off.
  socket.on('timeout', () => socket.destroy());
  return outgoing;
}

export function forwardUpgrade(context: UpgradeContext, passage: Passage, request: UpgradeRequest): void {
  const { outgoing, socket } = request;
  const upward = ask(context.upgradeUpstream, passage, request.incoming);
  let isAnswered = false;
  const clientGone = (): void => {
    upward.destroy();
    if (!isAnswered) passage.meter(null, 0, false, () => {});
    isAnswered = true;
  };
  socket.on('close', clientGone);
  upward.on('upgrade', (answer, peer, peerHead) => {
    isAnswered = true;
    socket.off('close', clientGone);
    join(passage, answer, request, peer as Socket, peerHead);
  });
  upward.on('response', (answer) => {
    isAnswered = true;
    deliver(context, passage, answer, request);
  });
  upward.on('error', (error) => {
    // What breaks off after the head is told by the response's own end.
    if (isAnswered) return;
    isAnswered = true;
    const failure = failureOf(error);
    context.onFailure(failure.code, error, passage);
    passage.fail(failure, (problem) => sendProblem(outgoing, problem));
  });
}

/** An upgraded connection is its own: it comes from no pool and returns to none. */
function ask(upstream: UpgradeUpstream, passage: Passage, incoming: IncomingMessage): ClientRequest {
  const options: RequestOptions = {
    method: passage.method,
    path: passage.path,
    headers: [...passage.upstreamHeaders, 'Connection', 'Upgrade', 'Upgrade', incoming.headers.upgrade ?? ''],
    setHost: false,
    agent: false,
    ...upstream.tls,
  };
  const upward = (upstream.url.protocol === 'https:' ? httpsRequest : httpRequest)(upstream.url, options);
  const timeout = setTimeout(() => {
    upward.destroy(Object.assign(new Error('No answer to the upgrade.'), { code: 'ETIMEDOUT' }));
  }, upstream.headersTimeoutMs);
  for (const event of ['upgrade', 'response', 'close']) upward.on(event, () => clearTimeout(timeout));
  upward.end();
  return upward;
}

/** The upstream did not switch: an answer like any other, and counted like any other. */
function deliver(
  { endOfTurn }: UpgradeContext,
  passage: Passage,
  answer: IncomingMessage,
  { outgoing, socket }: UpgradeRequest,
): void {
  const status = answer.statusCode!;
  const delivery = new Delivery(outgoing, () => answer.resume());
  const { headers, counter, contentLength } = passage.answer(
    status,
    answer.rawHeaders,
    delivery.onCounterDrain,
  );
  delivery.begin(counter, contentLength);
  outgoing.writeHead(status, fitReason(answer.statusMessage ?? ''), headers);

  let isOver = false;
  const turn = { onTurnEnd: (): void => (isOver ? undefined : delivery.onTurnEnd()) };
  endOfTurn.add(turn);
  answer.on('data', (chunk: Buffer) => {
    endOfTurn.add(turn);
    if (!delivery.offer(chunk)) answer.pause();
  });
  // 'close' follows, and says by `complete` what happened.
  answer.on('error', () => {});
  answer.on('close', () => {
    isOver = true;
    const settle =
      (whole: boolean, released: () => void) =>
      (result: CountResult | null): void =>
        passage.meter(result, delivery.bytes, whole, (mayGo) => (mayGo ? released() : outgoing.destroy()));
    if (answer.complete) delivery.complete(settle(true, () => delivery.release([])));
    else if (socket.destroyed) delivery.forsake(settle(false, () => {}));
    else delivery.breakOff(settle(false, () => delivery.cut()));
  });
}

/** Seconds without a byte after which the operating system asks whether the other end is still there. */
const PROBE_AFTER_S = 60;

/** The upstream switched: the client is told, then both sides speak what they agreed on, as long as they like. */
function join(
  passage: Passage,
  answer: IncomingMessage,
  { outgoing, socket, head }: UpgradeRequest,
  peer: Socket,
  peerHead: Buffer,
): void {
  const { headers, counter, messages } = passage.answer(101, answer.rawHeaders, () => {});
  headers.push('Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? '');
  outgoing.removeAllListeners('finish');
  outgoing.detachSocket(socket);
  socket.removeAllListeners('timeout');
  for (const end of [socket, peer]) end.setKeepAlive(true, PROBE_AFTER_S * 1000);
  closeTogether(socket, peer);
  closeTogether(peer, socket);
  if (counter !== null && messages !== null && isWebSocket(answer)) {
    const extensions = answer.headers['sec-websocket-extensions'];
    const counted = new CountedSocket({ passage, counter, kind: messages, extensions, socket, peer });
    sendSwitch(socket, headers);
    counted.start(peerHead);
    sendOn(socket, head, peer);
    return;
  }
  passage.meter(null, 0, true, (mayGo) => {
    if (!mayGo) {
      socket.destroy();
      return;
    }
    sendSwitch(socket, headers);
    if (peerHead.length > 0) socket.write(peerHead);
    peer.pipe(socket);
    sendOn(socket, head, peer);
  });
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.trim().toLowerCase() === 'websocket';
}

function sendSwitch(socket: Socket, headers: readonly string[]): void {
  const lines = pairsOf(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`, 'latin1');
}

/** What the client says goes to the upstream. */
function sendOn(socket: Socket, head: Buffer, peer: Socket): void {
  if (head.length > 0) peer.write(head);
  socket.pipe(peer);
}

/** Where one end has closed in order, the other still gets what was sent before; where it broke, it breaks too. */
function closeTogether(one: Socket, other: Socket): void {
  one.on('error', () => one.destroy());
  one.on('close', () => {
    if (one.readableEnded) other.destroySoon();
    else other.destroy();
  });
}
