/** One request at the edge: it goes out by `fetch` and comes back as a response whose body passes through our hands. */

import type { ReadableStream, Request, RequestInit, Response } from '@cloudflare/workers-types';
import { failureProblem } from '../../admit/problem.ts';
import { BODY_TOO_LARGE, failureOf, mayRetry, type UpstreamFailure } from '../../forward/failure.ts';
import type { Answer, Gateway, Passage } from '../../gateway.ts';
import { Delivery, passUncounted } from './delivery.ts';
import { problemResponse } from './problem-response.ts';
import { boundedBody, declaredLength } from './request-body.ts';
import { factsOf, pairsOf } from './request-facts.ts';
import { runtime } from './runtime.ts';
import { codedError } from './upstream-error.ts';
import { forwardUpgrade, isUpgrade } from './web-socket.ts';

export interface ExchangeContext {
  readonly gateway: Gateway;
  /** Scheme and host, without a path. */
  readonly upstream: string;
  readonly maxRequestBodyBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** Keeps the request that runs now alive until the promise is settled. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
  /** An upstream failed; `code` is stable. */
  readonly onFailure: (code: string, error: Error, passage: Passage) => void;
}

export async function exchange(request: Request, context: ExchangeContext): Promise<Response> {
  const received = context.gateway.receive(factsOf(request));
  if (received.kind === 'refused') return problemResponse(received.problem);
  const { passage } = received;
  if (isUpgrade(request)) {
    passage.requestReader?.end();
    return forwardUpgrade(passage, request, context);
  }
  const length = declaredLength(request);
  if (length !== undefined && length > context.maxRequestBodyBytes) return failed(passage, BODY_TOO_LARGE);
  const body = bodyOf(request, length, passage, context);
  try {
    return answer(passage, await ask(passage, body, context), context);
  } catch (thrown) {
    const error = codedError(thrown);
    const failure = failureOf(error);
    context.onFailure(failure.code, error, passage);
    return failed(passage, failure);
  }
}

function bodyOf(
  request: Request,
  length: number | undefined,
  passage: Passage,
  { maxRequestBodyBytes, keepAlive }: ExchangeContext,
): ReadableStream | null {
  const { requestReader } = passage;
  if (request.body === null) {
    requestReader?.end();
    return null;
  }
  return boundedBody(request.body, length, maxRequestBodyBytes, requestReader, keepAlive);
}

/** What the client gets in place of an answer holds no posts: it does not wait until its usage has arrived. */
export function failed(passage: Passage, failure: UpstreamFailure): Response {
  passage.fail(failure, () => {});
  return problemResponse(failureProblem(failure));
}

async function ask(
  passage: Passage,
  body: ReadableStream | null,
  context: ExchangeContext,
): Promise<Response> {
  const init: RequestInit = {
    method: passage.method,
    headers: pairsOf(passage.upstreamHeaders),
    body,
    redirect: 'manual',
    // What the upstream compressed passes byte for byte; the counter undoes it for itself.
    encodeResponseBody: 'manual',
  };
  const url = context.upstream + passage.path;
  try {
    return await fetchWithin(context.headersTimeoutMs, url, init);
  } catch (thrown) {
    if (!mayRetry(passage.method, body !== null, codedError(thrown))) throw thrown;
    return fetchWithin(context.headersTimeoutMs, url, init);
  }
}

/** The time is for the answer's head alone: its body may take as long as it likes. */
export async function fetchWithin(ms: number, url: string, init: RequestInit): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(Object.assign(new Error(`No answer within ${ms} ms.`), { code: 'ETIMEDOUT' }));
  }, ms);
  try {
    const signal = controller.signal as unknown as NonNullable<RequestInit['signal']>;
    return await runtime.fetch(url, { ...init, signal });
  } finally {
    clearTimeout(timer);
  }
}

/** The upstream's head has come: the client is given it at once, and the body as it comes. */
export function answer(passage: Passage, upstream: Response, context: ExchangeContext): Response {
  const { status, statusText, body } = upstream;
  let drained = (): void => {};
  const answered = passage.answer(status, [...upstream.headers].flat(), () => drained());
  const { counter, contentLength } = answered;
  const headers = new runtime.Headers(pairsOf(answered.headers));
  const init = { status, statusText, headers, encodeBody: 'manual' } as const;
  if (body === null || contentLength === 0) {
    const meter = (result: Parameters<Passage['meter']>[0]) => passage.meter(result, 0, true, () => {});
    if (counter === null) meter(null);
    else counter.end(meter);
    return new runtime.Response(null, init);
  }
  const { readable, writable } = channelOf(answered);
  if (counter === null && contentLength !== undefined) {
    context.keepAlive(passUncounted(passage, body, writable, contentLength));
  } else {
    const delivery = new Delivery(passage, answered, body, writable, context.bodyTimeoutMs);
    drained = delivery.onCounterDrain;
    context.keepAlive(delivery.run());
  }
  return new runtime.Response(readable, init);
}

/** A declared length is kept: without one the runtime sends the body in chunks. */
function channelOf({ contentLength }: Answer) {
  return contentLength === undefined
    ? new runtime.IdentityTransformStream()
    : new runtime.FixedLengthStream(contentLength);
}
