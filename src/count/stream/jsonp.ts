/** Counts posts in JSON that is wrapped in a call. */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/plan.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';

export class JsonpCounter implements FormatCounter {
  readonly failure: UncountedReason | undefined = 'shape';

  constructor(_plan: JsonPlan, _found: PostCount) {}

  write(): void {}

  end(): void {}
}
