/** Which counter reads the response to a GraphQL request: one result, a batch, or a stream of results in frames. */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { MultipartCounter } from '../stream/multipart.ts';
import { SseCounter } from '../stream/sse.ts';
import { BatchCounter } from './batch-counter.ts';
import type { ResponsePlan } from './request.ts';
import { resultCounter } from './result-counter.ts';

/**
 * How results are framed: as events (GraphQL over SSE), or as parts of a multipart body (incremental delivery,
 * subscriptions of Apollo). Null for a body that is one result or one batch.
 */
export function framingOf(contentType: string): 'sse' | 'multipart' | null {
  const type = contentType.trimStart().toLowerCase();
  if (type.startsWith('text/event-stream')) return 'sse';
  return type.startsWith('multipart/') ? 'multipart' : null;
}

export function responseCounter(plan: ResponsePlan, contentType: string, found: PostCount): FormatCounter {
  const framing = framingOf(contentType);
  const isBatch = typeof plan !== 'string' && 'batch' in plan;
  if (framing === null) return isBatch ? new BatchCounter(plan.batch, found) : resultCounter(plan, found);
  // Frames do not say to which operation of a batch they belong.
  if (isBatch || typeof plan === 'string' || 'doubtful' in plan) return UNKNOWN_STREAM;
  return framing === 'sse'
    ? new SseCounter(plan, null, found)
    : new MultipartCounter(plan, contentType, found);
}

const UNKNOWN_STREAM: FormatCounter = {
  failure: undefined,
  flaw: 'document',
  write: () => {},
  end: () => {},
};
