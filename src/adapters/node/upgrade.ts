/**
 * WebSocket and other upgrades (RFC 9110, section 7.8). Bytes are piped only after the upstream's own 101: after any
 * other answer the connection is closed, or what follows on it would pass by the meter. `h2c` is never forwarded for
 * the same reason (RFC 9113, section 3.1, took it out); such a request is served without the upgrade.
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
import type { Duplex } from 'node:stream';
import { failureOf } from '../../forward/failure.ts';
import type { Passage } from '../../gateway.ts';
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

export interface UpgradeContext extends Pick<ExchangeContext, 'onFailure'> {
  readonly upgradeUpstream: UpgradeUpstream;
}

/** The client's side of an upgrade, as Node's `upgrade` event gives it. */
export interface UpgradeRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly socket: Duplex;
  /** What the client sent after its request already. */
  readonly head: Buffer;
}

export function mayUpgrade(incoming: IncomingMessage): boolean {
  return !/(^|,)\s*h2c\s*(,|$)/i.test(incoming.headers.upgrade ?? '');
}

/** A response for a request whose socket Node has handed over with its `upgrade` event; the connection ends with it. */
export function responseOn(incoming: IncomingMessage, socket: Duplex): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket as Socket);
  outgoing.on('finish', () => socket.end());
  socket.on('error', () => socket.destroy());
  return outgoing;
}

export function forwardUpgrade(context: UpgradeContext, passage: Passage, request: UpgradeRequest): void {
  const { outgoing, socket } = request;
  const upward = ask(context.upgradeUpstream, passage, request.incoming);
  socket.on('close', () => upward.destroy());
  upward.on('upgrade', (answer, peer, peerHead) => {
    outgoing.removeAllListeners('finish');
    outgoing.detachSocket(socket as Socket);
    join(passage, answer, request, peer, peerHead);
  });
  upward.on('response', (answer) => deliver(passage, answer, outgoing));
  upward.on('error', (error) => {
    if (outgoing.headersSent || socket.destroyed) {
      socket.destroy();
      return;
    }
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
function deliver(passage: Passage, answer: IncomingMessage, outgoing: ServerResponse): void {
  const status = answer.statusCode!;
  const delivery = new Delivery(outgoing, () => answer.resume());
  const { headers, counter, contentLength } = passage.answer(
    status,
    answer.rawHeaders,
    delivery.onCounterDrain,
  );
  delivery.begin(counter, contentLength);
  outgoing.writeHead(status, answer.statusMessage, headers);
  answer.on('data', (chunk: Buffer) => {
    if (!delivery.offer(chunk)) answer.pause();
  });
  // 'close' follows, and says by `complete` what happened.
  answer.on('error', () => {});
  answer.on('close', () => {
    const whole = answer.complete;
    const settled = (result: Parameters<Passage['meter']>[0]): void =>
      passage.meter(result, delivery.bytes, whole, (release) => {
        if (whole && release) delivery.release([]);
        else delivery.cut();
      });
    if (whole) delivery.complete(settled);
    else delivery.breakOff(settled);
  });
}

/** The upstream switched: its answer goes to the client as it came, then both sides speak what they agreed on. */
function join(
  passage: Passage,
  answer: IncomingMessage,
  { socket, head }: UpgradeRequest,
  peer: Duplex,
  peerHead: Buffer,
): void {
  passage.answer(answer.statusCode!, answer.rawHeaders, () => {});
  const lines = pairsOf(answer.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  peer.on('error', () => socket.destroy());
  peer.on('close', () => socket.destroy());
  socket.on('close', () => peer.destroy());
  passage.meter(null, 0, true, (deliver) => {
    if (!deliver) {
      socket.destroy();
      return;
    }
    socket.write(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('')}\r\n`, 'latin1');
    if (peerHead.length > 0) socket.write(peerHead);
    if (head.length > 0) peer.write(head);
    socket.pipe(peer).pipe(socket);
  });
}
