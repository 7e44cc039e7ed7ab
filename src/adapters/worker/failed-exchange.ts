/** What the client gets if its request cannot be forwarded, or the upstream does not answer. */

import type { Response } from '@cloudflare/workers-types';
import { failureProblem } from '../../admit/problem.ts';
import { failureOf, type UpstreamFailure } from '../../forward/failure.ts';
import type { MeteredExchange } from '../../gateway.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { problemResponse } from './problem-response.ts';
import { codedError } from './upstream-error.ts';

/** The upstream sent no response: the error is reported, and the client receives a response of ours. */
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

/** What the client gets in place of an answer holds no posts: it does not wait until its usage has arrived. */
export function failed(metered: MeteredExchange, failure: UpstreamFailure): Response {
  metered.fail(failure, () => {});
  return problemResponse(failureProblem(failure));
}
