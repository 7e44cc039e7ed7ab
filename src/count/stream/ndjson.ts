/** Counts posts in lines of JSON. */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/plan.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';

export class NdjsonCounter implements FormatCounter {
  readonly failure: UncountedReason | undefined = 'shape';

  constructor(_plan: JsonPlan, _found: PostCount) {}

  write(): void {}

  end(): void {}
}
