/** One request at the edge: it goes out by `fetch` and comes back as a response whose body passes through our hands. */

import type { Headers, ReadableStream, Request, RequestInit, Response } from '@cloudflare/workers-types';
import type { RequestRefusal } from '../../count/request-body/request-reader.ts';
import { BODY_TOO_LARGE, mayRetry } from '../../forward/failure.ts';
import type { MeteredExchange } from '../../gateway.ts';
import { answer } from './answer.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { failed, upstreamFailed } from './failed-exchange.ts';
import { fetchWithin } from './fetch-within.ts';
import { headersLike, listOf } from './header-list.ts';
import { problemResponse } from './problem-response.ts';
import { boundedBody, declaredLength, mayHaveBody, readBody, refuseBody } from './request-body.ts';
import { factsOf } from './request-facts.ts';
import { codedError } from './upstream-error.ts';
import { Watch } from './watch.ts';
import { forwardUpgrade, isUpgrade } from './web-socket.ts';

export async function exchange(request: Request, context: ExchangeContext): Promise<Response> {
  const headers = listOf(request.headers);
  const received = await context.gateway.receive(factsOf(request, headers));
  if (received.kind === 'refused') return problemResponse(received.problem);
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
  const watch = new Watch();
  try {
    const sent = headersLike(request.headers, headers, metered.upstreamHeaders);
    const upstream = await ask(metered, sent, body, context, watch);
    return await answer(metered, upstream, request.signal, context, watch);
  } catch (thrown) {
    watch.end();
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
    const refusal = body === null || length === 0 ? null : await refuseBody(body, maxHoldMs);
    requestReader?.end();
    const refused = refusal ?? metered.refusal;
    return refused === null ? { body: null } : { refusal: refused };
  }
  if (requestReader === null) return { body: boundedBody(body, length, maxRequestBodyBytes, keepAlive) };
  return readBody(body, length, maxRequestBodyBytes, requestReader, maxHoldMs, keepAlive);
}

async function ask(
  metered: MeteredExchange,
  headers: Headers,
  body: ReadableStream | null,
  context: ExchangeContext,
  watch: Watch,
): Promise<Response> {
  const init: RequestInit = {
    method: metered.method,
    headers,
    body,
    redirect: 'manual',
    // What the upstream compressed passes byte for byte; the counter undoes it for itself.
    encodeResponseBody: 'manual',
  };
  const url = context.upstream + metered.path;
  try {
    return await fetchWithin(context.headersTimeoutMs, watch, url, init);
  } catch (thrown) {
    if (!mayRetry(metered.method, body !== null, codedError(thrown))) throw thrown;
    return fetchWithin(context.headersTimeoutMs, watch, url, init);
  }
}
