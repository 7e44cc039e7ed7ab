/**
 * WebSocket and other upgrades (RFC 9110, section 7.8). Bytes are piped only after the upstream's own 101: after any
 * other answer the connection is closed, or what follows on it would pass by the meter. `h2c` is never forwarded for
 * the same reason (RFC 9113, section 3.1, took it out); such a request is served without the upgrade.
 */

import { request as httpRequest, type IncomingMessage, type RequestOptions, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { failureOf } from '../../forward/failure.ts';
import type { Passage } from '../../gateway.ts';
import { Delivery } from './delivery.ts';
import { pairsOf } from './raw-headers.ts';
import type { UpstreamTls } from './upstream.ts';

export interface UpgradeUpstream {
  readonly url: URL;
  readonly tls: UpstreamTls;
  readonly headersTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

export function mayUpgrade(incoming: IncomingMessage): boolean {
  return !/(^|,)\s*h2c\s*(,|$)/i.test(incoming.headers.upgrade ?? '');
}

/** A response for a request whose socket Node has handed to us with its `upgrade` event. */
export function responseOn(incoming: IncomingMessage, socket: Duplex): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
  outgoing.on('finish', () => {
    outgoing.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
    socket.end();
  });
  return outgoing;
}

export interface UpgradeEvents {
  readonly onFailure: (code: string, error: Error, passage: Passage) => void;
  readonly answerFailure: (outgoing: ServerResponse, passage: Passage, error: Error) => void;
}

export function forwardUpgrade(
  upstream: UpgradeUpstream,
  passage: Passage,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  events: UpgradeEvents,
): void {
  const outgoing = responseOn(incoming, socket);
  const options: RequestOptions = {
    method: passage.method,
    path: passage.path,
    headers: [...passage.upstreamHeaders, 'Connection', 'Upgrade', 'Upgrade', incoming.headers.upgrade ?? ''],
    setHost: false,
    // An upgraded connection is its own; it never returns to a pool.
    agent: false,
    ...upstream.tls,
  };
  const upward = (upstream.url.protocol === 'https:' ? httpsRequest : httpRequest)(upstream.url, options);
  const timeout = setTimeout(
    () => upward.destroy(Object.assign(new Error('No answer to the upgrade.'), { code: 'ETIMEDOUT' })),
    upstream.headersTimeoutMs,
  );
  socket.on('close', () => upward.destroy());
  socket.on('error', () => upward.destroy());
  upward.on('upgrade', (answer, peer, peerHead) => {
    clearTimeout(timeout);
    outgoing.removeAllListeners('finish');
    outgoing.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
    join(passage, answer, socket, head, peer, peerHead);
  });
  upward.on('response', (answer) => {
    clearTimeout(timeout);
    deliver(passage, answer, outgoing);
  });
  upward.on('error', (error) => {
    clearTimeout(timeout);
    if (outgoing.headersSent || socket.destroyed) return void socket.destroy();
    events.onFailure(failureOf(error).code, error, passage);
    events.answerFailure(outgoing, passage, error);
  });
  upward.end();
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
  answer.on('close', () => {
    const end = answer.complete ? delivery.complete : delivery.breakOff;
    end.call(delivery, (result) =>
      passage.meter(result, delivery.bytes, answer.complete, () => {
        if (answer.complete) delivery.release([]);
        else delivery.cut();
      }),
    );
  });
}

/** The upstream switched: its answer goes to the client as it came, then both sides speak what they agreed on. */
function join(
  passage: Passage,
  answer: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  peer: Duplex,
  peerHead: Buffer,
): void {
  const lines = pairsOf(answer.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  passage.meter(null, 0, true, () => {
    socket.write(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('')}\r\n`, 'latin1');
    if (peerHead.length > 0) socket.write(peerHead);
    if (head.length > 0) peer.write(head);
    socket.pipe(peer).pipe(socket);
    socket.on('error', () => peer.destroy());
    peer.on('error', () => socket.destroy());
    peer.on('close', () => socket.destroy());
    socket.on('close', () => peer.destroy());
  });
}
