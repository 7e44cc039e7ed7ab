/** Which counter reads the response to a GraphQL request. */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { BatchCounter } from './batch-counter.ts';
import type { ResponsePlan } from './request.ts';
import { resultCounter } from './result-counter.ts';

export function responseCounter(plan: ResponsePlan, found: PostCount): FormatCounter {
  const isBatch = typeof plan !== 'string' && 'batch' in plan;
  return isBatch ? new BatchCounter(plan.batch, found) : resultCounter(plan, found);
}
