/** Makes the client's response from the upstream's: its headers, and how its body is delivered. */

import type { AbortSignal, Headers, Response } from '@cloudflare/workers-types';
import { unmeterableProblem } from '../../admit/problem.ts';
import type { CountedResponse, MeteredExchange } from '../../exchange/metered-exchange.ts';
import { UpstreamError } from '../../forward/failure.ts';
import { BodyCounter } from './body-counter.ts';
import { isBuffered, readMetered } from './buffered-body.ts';
import type { DeadlineTimer } from './deadline-timer.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { headerListOf, headersLike } from './header-list.ts';
import { problemResponse } from './problem-response.ts';
import { inspectPage } from './response/inspect-page.ts';
import { runtime } from './runtime.ts';
import { StreamedBody } from './streamed-body.ts';

/** Has no content (RFC 9110, section 15.3.6). The runtime rejects such a response if it has a body. */
const RESET_CONTENT = 205;

/**
 * Called when the upstream's head has arrived. Returns the response at once, and its body is streamed; or resolves with
 * head and body of a small response. Throws if the upstream's response cannot be forwarded.
 * @param disconnect aborted if the client disconnects.
 */
export function respond(
  metered: MeteredExchange,
  upstream: Response,
  disconnect: AbortSignal,
  context: ExchangeContext,
  timer: DeadlineTimer,
): Response | Promise<Response> {
  requireStatus(upstream);
  const received = headerListOf(upstream.headers);
  let onDrain = (): void => {};
  const answer = metered.onResponseHead(upstream.status, received, () => onDrain());
  const bodyCounter = new BodyCounter(metered, answer.counter, timer);
  onDrain = () => bodyCounter.onDrain();
  const headers = headersLike(upstream.headers, received, answer.headers);
  const send = (): Response | Promise<Response> => {
    const problem = metered.withhold();
    if (problem === null)
      return deliver(metered, upstream, headers, answer, bodyCounter, disconnect, context, timer);
    upstream.body?.cancel().catch(() => {});
    timer.end();
    answer.counter?.abort(() => {});
    return problemResponse(problem);
  };
  const { inspection } = answer;
  if (inspection === null) return send();
  return inspectPage(upstream, inspection, timer, context.bodyTimeoutMs).then(send);
}

function deliver(
  metered: MeteredExchange,
  upstream: Response,
  headers: Headers,
  answer: CountedResponse,
  bodyCounter: BodyCounter,
  disconnect: AbortSignal,
  context: ExchangeContext,
  timer: DeadlineTimer,
): Response | Promise<Response> {
  const { status, statusText } = upstream;
  const { counter, contentLength } = answer;
  const init = { status, statusText, headers, encodeBody: 'manual' } as const;
  if (isBuffered(answer) && status !== RESET_CONTENT) {
    const read = readMetered(upstream, contentLength!, bodyCounter, disconnect, timer, context.bodyTimeoutMs);
    // The usage is written even if the client disconnects.
    context.keepAlive(read.catch(() => {}));
    return read.then((body) =>
      body === null ? problemResponse(unmeterableProblem()) : new runtime.Response(body, init),
    );
  }
  // Read late, because the runtime creates a stream when `body` is first accessed.
  const { body } = upstream;
  if (body === null || contentLength === 0 || status === RESET_CONTENT) {
    body?.cancel().catch(() => {});
    timer.end();
    meterWithoutBody(metered, counter, status === RESET_CONTENT ? 'abort' : 'end');
    return new runtime.Response(null, init);
  }
  const { readable, writable } = channelOf(answer);
  const streamed = new StreamedBody(metered, answer, bodyCounter, body, writable, timer, context);
  context.keepAlive(streamed.run(disconnect));
  return new runtime.Response(readable, init);
}

/**
 * Meters a response without a body to deliver.
 * @param how `abort` if the platform's body is dropped: a count that it declares was not delivered.
 */
export function meterWithoutBody(
  metered: MeteredExchange,
  counter: CountedResponse['counter'],
  how: 'end' | 'abort' = 'end',
): void {
  const meter = (result: Parameters<MeteredExchange['settle']>[0]) =>
    metered.settle(result, 0, true, () => {});
  if (counter === null) meter(null);
  else counter[how](meter);
}

/** The runtime makes no response with another status, and returns an interim response (1xx) as if it were final. */
function requireStatus(upstream: Response): void {
  const { status } = upstream;
  if (status >= 200 && status <= 599) return;
  upstream.body?.cancel().catch(() => {});
  const why =
    status < 200
      ? 'is interim, and the runtime takes it for the final one: make the upstream send no interim responses'
      : 'cannot be forwarded: a Worker can only respond with 200 to 599';
  throw new UpstreamError('POSTMETER_BAD_ANSWER', `The status ${status} ${why}.`);
}

/** A declared length is kept. Without one, the runtime sends the body chunked. */
function channelOf({ contentLength }: CountedResponse) {
  return contentLength === undefined
    ? new runtime.IdentityTransformStream()
    : new runtime.FixedLengthStream(contentLength);
}
