/** Forwards upgrades to WebSocket. */

import type { Headers, Request, RequestInit, Response, WebSocket } from '@cloudflare/workers-types';
import type { MeteredExchange } from '../../exchange/metered-exchange.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { upstreamFailed } from './failed-exchange.ts';
import { fetchWithin } from './fetch-within.ts';
import { headerListOf, headersOf } from './header-list.ts';
import { MeteredWebSocket } from './metered-web-socket.ts';
import { problemResponse } from './problem-response.ts';
import { meterWithoutBody, respond } from './respond.ts';
import { runtime } from './runtime.ts';

/** Fields of one hop. The runtime sets its own. */
const HOP_FIELDS = [
  'sec-websocket-key',
  'sec-websocket-accept',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'connection',
  'upgrade',
];

export function isUpgrade(request: Request): boolean {
  return request.headers.get('upgrade')?.trim().toLowerCase() === 'websocket';
}

export async function forwardUpgrade(
  metered: MeteredExchange,
  request: Request,
  context: ExchangeContext,
): Promise<Response> {
  const headers = withoutHopFields(metered.upstreamHeaders);
  headers.set('Upgrade', 'websocket');
  const init: RequestInit = {
    method: request.method,
    headers,
    redirect: 'manual',
    encodeResponseBody: 'manual',
  };
  const timer = new DeadlineTimer();
  try {
    const url = context.upstream + metered.path;
    const upstream = await fetchWithin(context.headersTimeoutMs, timer, url, init);
    if (upstream.webSocket === null) return await respond(metered, upstream, request.signal, context, timer);
    timer.end();
    return connect(metered, upstream, upstream.webSocket, context);
  } catch (thrown) {
    timer.end();
    return upstreamFailed(metered, thrown, context);
  }
}

/** The upstream has switched protocols. Returns the client's 101, and connects the two sockets. */
function connect(
  metered: MeteredExchange,
  upstream: Response,
  peer: WebSocket,
  context: ExchangeContext,
): Response {
  const { headers, counter, messages, conversation } = metered.onResponseHead(
    101,
    headerListOf(upstream.headers),
    () => {},
  );
  const problem = metered.withhold();
  if (problem !== null) {
    counter?.abort(() => {});
    peer.accept();
    peer.close();
    return problemResponse(problem);
  }
  const forwarded = withoutHopFields(headers);
  if (counter === null || messages === null) {
    meterWithoutBody(metered, counter);
    return new runtime.Response(null, { status: 101, headers: forwarded, webSocket: peer });
  }
  const { 0: client, 1: socket } = new runtime.WebSocketPair();
  const connection = new MeteredWebSocket(metered, counter, messages, conversation, socket, peer, context);
  context.keepAlive(connection.run());
  return new runtime.Response(null, { status: 101, headers: forwarded, webSocket: client });
}

function withoutHopFields(list: readonly string[]): Headers {
  const headers = headersOf(list);
  for (const name of HOP_FIELDS) headers.delete(name);
  return headers;
}
