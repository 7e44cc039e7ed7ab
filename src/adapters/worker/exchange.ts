/** Takes one request at the edge through the gateway: it is forwarded by `fetch`, and its response is counted. */

import type { Headers, ReadableStream, Request, RequestInit, Response } from '@cloudflare/workers-types';
import type { RequestRefusal } from '../../count/request-body/request-reader.ts';
import type { MeteredExchange } from '../../exchange/metered-exchange.ts';
import { BODY_TOO_LARGE, mayRetry } from '../../forward/failure.ts';
import { DeadlineTimer } from './deadline-timer.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { failed, upstreamFailed } from './failed-exchange.ts';
import { fetchWithin } from './fetch-within.ts';
import { headerListOf, headersLike } from './header-list.ts';
import { ownResponse, problemResponse } from './problem-response.ts';
import { boundedBody, declaredLength, mayHaveBody, readBody, refuseBody } from './request-body.ts';
import { factsOf } from './request-facts.ts';
import { respond } from './respond.ts';
import { respondWithDocument } from './response/replaced-document.ts';
import { codedError } from './upstream-error.ts';
import { forwardUpgrade, isUpgrade } from './web-socket.ts';

export async function exchange(request: Request, context: ExchangeContext): Promise<Response> {
  const headers = headerListOf(request.headers);
  const received = await context.gateway.receive(factsOf(request, headers, context.trustsCloudflare));
  if (received.kind === 'refused') return problemResponse(received.problem);
  if (received.kind === 'document') return ownResponse(received.document);
  const { metered } = received;
  if (isUpgrade(request)) {
    metered.requestReader?.end();
    if (metered.refusal !== null) return problemResponse(metered.refuse(metered.refusal));
    return forwardUpgrade(metered, request, context);
  }
  const length = declaredLength(request);
  if (length !== undefined && length > context.maxRequestBodyBytes) return failed(metered, BODY_TOO_LARGE);
  const read = await bodyOf(request, length, metered, context);
  if ('refusal' in read) return problemResponse(metered.refuse(read.refusal));
  const { body } = read;
  const timer = new DeadlineTimer();
  try {
    const forwarded = headersLike(request.headers, headers, metered.upstreamHeaders);
    const upstream = await forward(metered, forwarded, body, context, timer);
    const { replacement } = metered;
    if (replacement?.appliesTo(upstream.status)) {
      return await respondWithDocument(metered, replacement, upstream, timer, context.bodyTimeoutMs);
    }
    return await respond(metered, upstream, request.signal, context, timer);
  } catch (thrown) {
    timer.end();
    if (metered.refusal !== null) return problemResponse(metered.refuse(metered.refusal));
    return upstreamFailed(metered, thrown, context);
  }
}

async function bodyOf(
  request: Request,
  length: number | undefined,
  metered: MeteredExchange,
  { maxRequestBodyBytes, keepAlive }: ExchangeContext,
): Promise<{ readonly refusal: RequestRefusal } | { readonly body: ReadableStream | null }> {
  const { requestReader, maxHoldMs } = metered;
  const { body } = request;
  if (body === null || !mayHaveBody(metered.method)) {
    const bodyRefusal = body === null || length === 0 ? null : await refuseBody(body, maxHoldMs);
    requestReader?.end();
    const refusal = bodyRefusal ?? metered.refusal;
    return refusal === null ? { body: null } : { refusal };
  }
  if (requestReader === null) return { body: boundedBody(body, length, maxRequestBodyBytes, keepAlive) };
  return readBody(body, length, maxRequestBodyBytes, requestReader, maxHoldMs, keepAlive);
}

async function forward(
  metered: MeteredExchange,
  headers: Headers,
  body: ReadableStream | null,
  context: ExchangeContext,
  timer: DeadlineTimer,
): Promise<Response> {
  const init: RequestInit = {
    method: metered.method,
    headers,
    body,
    redirect: 'manual',
    // A compressed body is forwarded unchanged. The counter decodes its own copy.
    encodeResponseBody: 'manual',
  };
  const url = context.upstream + metered.path;
  try {
    return await fetchWithin(context.headersTimeoutMs, timer, url, init);
  } catch (thrown) {
    if (!mayRetry(metered.method, body !== null, codedError(thrown))) throw thrown;
    return fetchWithin(context.headersTimeoutMs, timer, url, init);
  }
}
