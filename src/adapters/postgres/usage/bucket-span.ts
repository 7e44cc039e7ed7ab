/** The SQL condition that selects rows of a time span by their bucket. */

import { and, gte, lt } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** Half open, epoch milliseconds UTC. */
export interface BucketSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `bucketAt` is the column with the bucket. */
export function bucketsIn(bucketAt: PgColumn, { fromMs, toMs }: BucketSpan) {
  return and(gte(bucketAt, new Date(fromMs)), lt(bucketAt, new Date(toMs)));
}
