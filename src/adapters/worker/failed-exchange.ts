/** Responses for a request that cannot be forwarded, or that the upstream does not answer. */

import type { Response } from '@cloudflare/workers-types';
import { failureProblem } from '../../admit/problem.ts';
import type { MeteredExchange } from '../../exchange/metered-exchange.ts';
import { failureOf, type UpstreamFailure } from '../../forward/failure.ts';
import type { ExchangeContext } from './exchange-context.ts';
import { problemResponse } from './problem-response.ts';
import { codedError } from './upstream-error.ts';

/** Reports that the upstream failed, and returns the gateway's own response. */
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

/** Meters the gateway's own response and returns it. It has no posts, so it does not wait for its usage. */
export function failed(metered: MeteredExchange, failure: UpstreamFailure): Response {
  metered.fail(failure, () => {});
  return problemResponse(failureProblem(failure));
}
