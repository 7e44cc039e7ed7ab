/** One request at the edge: it goes out by `fetch` and comes back as a response whose body passes through our hands. */

import type { Headers, ReadableStream, Request, RequestInit, Response } from '@cloudflare/workers-types';
import { failureProblem } from '../../admit/problem.ts';
import { BODY_TOO_LARGE, failureOf, mayRetry, type UpstreamFailure } from '../../forward/failure.ts';
import type { Refusal } from '../../forward/shape/request-reader.ts';
import type { Gateway, MeteredExchange } from '../../gateway.ts';
import { answer } from './answer.ts';
import { headersLike, listOf } from './header-list.ts';
import { countCall } from './invocation.ts';
import { problemResponse } from './problem-response.ts';
import { boundedBody, declaredLength, mayHaveBody, readBody, refuseBody } from './request-body.ts';
import { factsOf } from './request-facts.ts';
import { runtime } from './runtime.ts';
import { codedError } from './upstream-error.ts';
import { Watch } from './watch.ts';
import { forwardUpgrade, isUpgrade } from './web-socket.ts';

export interface ExchangeContext {
  readonly gateway: Gateway;
  /** Scheme and host, without a path. */
  readonly upstream: string;
  readonly maxRequestBodyBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** A response whose usage cannot be written is not delivered. */
  readonly mustMeter: boolean;
  /** To the client of a counted WebSocket, before it must connect again. */
  readonly maxSocketBytes: number;
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** An upstream failed; `code` is stable. */
  readonly onFailure: (code: string, error: Error, metered: MeteredExchange) => void;
}

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

/** The upstream gave no answer: it is told, and the client is given one of ours. */
export function upstreamFailed(
  metered: MeteredExchange,
  thrown: unknown,
  { onFailure }: ExchangeContext,
): Response {
  const error = codedError(thrown);
  const failure = failureOf(error);
  onFailure(failure.code, error, metered);
  return failed(metered, failure);
}

async function bodyOf(
  request: Request,
  length: number | undefined,
  metered: MeteredExchange,
  { maxRequestBodyBytes, keepAlive }: ExchangeContext,
): Promise<{ readonly refusal: Refusal } | { readonly body: ReadableStream | null }> {
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

/** What the client gets in place of an answer holds no posts: it does not wait until its usage has arrived. */
function failed(metered: MeteredExchange, failure: UpstreamFailure): Response {
  metered.fail(failure, () => {});
  return problemResponse(failureProblem(failure));
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

/**
 * The time is for the answer's head alone: its body may take as long as it likes. What comes too late is dropped with
 * the request; a signal that would break it off costs each request that is in time (measured: 30 to 40 µs).
 */
export function fetchWithin(ms: number, watch: Watch, url: string, init: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    watch.until(ms, () => {
      reject(Object.assign(new Error(`No answer within ${ms} ms.`), { code: 'ETIMEDOUT' }));
    });
    countCall();
    runtime.fetch(url, init).then(resolve, reject);
  });
}
