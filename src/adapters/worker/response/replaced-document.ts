/** A response that is a document made from the platform's: the merged robots.txt. The body is read up to a bound. */

import type { Response } from '@cloudflare/workers-types';
import { unmeterableProblem } from '../../../admit/problem.ts';
import type { MeteredExchange } from '../../../exchange/metered-exchange.ts';
import { UpstreamError } from '../../../forward/failure.ts';
import { MAX_ROBOTS_BYTES, type Replacement } from '../../../terms/replacement.ts';
import type { DeadlineTimer } from '../deadline-timer.ts';
import { headerListOf } from '../header-list.ts';
import { ownResponse } from '../problem-response.ts';

/** Throws `UpstreamError` if the body does not arrive in time. */
export async function respondWithDocument(
  metered: MeteredExchange,
  replacement: Replacement,
  upstream: Response,
  timer: DeadlineTimer,
  bodyTimeoutMs: number,
): Promise<Response> {
  const { body, isCut } = await beginningOf(upstream, timer, bodyTimeoutMs);
  const { status } = upstream;
  const document = metered.replace(replacement, {
    status,
    headers: headerListOf(upstream.headers),
    body,
    isCut,
  });
  const isWritten = await new Promise<boolean>((resolve) => {
    metered.settle(null, document.body.length, true, resolve);
  });
  return ownResponse(isWritten ? document : unmeterableProblem());
}

async function beginningOf(
  upstream: Response,
  timer: DeadlineTimer,
  bodyTimeoutMs: number,
): Promise<{ readonly body: Uint8Array; readonly isCut: boolean }> {
  const reader = upstream.body?.getReader();
  let late = false;
  timer.set(bodyTimeoutMs, () => {
    late = true;
    reader?.cancel().catch(() => {});
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (reader !== undefined && bytes <= MAX_ROBOTS_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value as Uint8Array);
    bytes += (value as Uint8Array).length;
  }
  timer.end();
  if (late)
    throw new UpstreamError('POSTMETER_TIMEOUT', `The body did not arrive within ${bodyTimeoutMs} ms.`);
  const isCut = bytes > MAX_ROBOTS_BYTES;
  if (isCut) reader?.cancel().catch(() => {});
  return { body: Buffer.concat(chunks).subarray(0, MAX_ROBOTS_BYTES), isCut };
}
