/** The upstream's answer on its way to the client: which way its body takes, and with which headers. */

import type { AbortSignal, Response } from '@cloudflare/workers-types';
import { unmeterableProblem } from '../../admit/problem.ts';
import { UpstreamError } from '../../forward/failure.ts';
import type { CountedResponse, MeteredExchange } from '../../gateway.ts';
import { BodyCount } from './body-count.ts';
import { Delivery } from './delivery.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { headersLike, listOf } from './header-list.ts';
import { problemResponse } from './problem-response.ts';
import { runtime } from './runtime.ts';
import type { Watch } from './watch.ts';
import { isSmall, readMetered } from './whole-delivery.ts';

/** It has no content (RFC 9110, section 15.3.6), and the runtime makes no response of it that has. */
const RESET_CONTENT = 205;

/**
 * The upstream's head has come: the client is given it at once and the body as it comes, or both in one piece. Throws if
 * the upstream's answer cannot be passed on.
 * @param left aborted if the client leaves.
 */
export function answer(
  metered: MeteredExchange,
  upstream: Response,
  left: AbortSignal,
  context: ExchangeContext,
  watch: Watch,
): Response | Promise<Response> {
  const { status, statusText } = upstream;
  throwUnfit(upstream);
  const received = listOf(upstream.headers);
  let drained = (): void => {};
  const answered = metered.onResponseHead(status, received, () => drained());
  const { counter, contentLength } = answered;
  const headers = headersLike(upstream.headers, received, answered.headers);
  const init = { status, statusText, headers, encodeBody: 'manual' } as const;
  const count = new BodyCount(metered, counter, watch);
  drained = () => count.drained();
  if (isSmall(answered) && status !== RESET_CONTENT) {
    const body = readMetered(upstream, contentLength!, count, left, watch, context.bodyTimeoutMs);
    // The usage of a client that leaves is written, too.
    context.keepAlive(body.catch(() => {}));
    return body.then((bytes) =>
      bytes === null ? problemResponse(unmeterableProblem()) : new runtime.Response(bytes, init),
    );
  }
  // Not before it is needed: the runtime makes a stream of it when it is first looked at.
  const { body } = upstream;
  if (body === null || contentLength === 0 || status === RESET_CONTENT) {
    body?.cancel().catch(() => {});
    watch.end();
    const meter = (result: Parameters<MeteredExchange['settle']>[0]) =>
      metered.settle(result, 0, true, () => {});
    if (counter === null) meter(null);
    else counter.end(meter);
    return new runtime.Response(null, init);
  }
  const { readable, writable } = channelOf(answered);
  const delivery = new Delivery(metered, answered, count, body, writable, watch, context);
  context.keepAlive(delivery.run(left));
  return new runtime.Response(readable, init);
}

/** The runtime makes no response of another status. It hands an interim answer (1xx) on as if it were the final one. */
function throwUnfit(upstream: Response): void {
  const { status } = upstream;
  if (status >= 200 && status <= 599) return;
  upstream.body?.cancel().catch(() => {});
  const why =
    status < 200
      ? 'is of an interim answer, which the runtime takes for the final one: let the upstream send none'
      : 'cannot be passed on: a Worker answers with 200 to 599';
  throw new UpstreamError('POSTMETER_BAD_ANSWER', `The status ${status} ${why}.`);
}

/** A declared length is kept: without one the runtime sends the body in chunks. */
function channelOf({ contentLength }: CountedResponse) {
  return contentLength === undefined
    ? new runtime.IdentityTransformStream()
    : new runtime.FixedLengthStream(contentLength);
}
