/** Counts posts in the parts of a multipart body. */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/plan.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';

export class MultipartCounter implements FormatCounter {
  readonly failure: UncountedReason | undefined = 'shape';

  constructor(_plan: JsonPlan, _contentType: string, _found: PostCount) {}

  write(): void {}

  end(): void {}
}
