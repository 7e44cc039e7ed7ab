/** The condition by which statements choose rows of a stretch of time by their bucket. */

import { and, gte, lt } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** Half open, epoch milliseconds UTC. */
export interface BucketSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `bucketAt`: the column that has the bucket. */
export function bucketsIn(bucketAt: PgColumn, { fromMs, toMs }: BucketSpan) {
  return and(gte(bucketAt, new Date(fromMs)), lt(bucketAt, new Date(toMs)));
}
