/** Counts posts in the messages of a firehose. */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import type { RecordPlan } from './plan.ts';

export class FirehoseCounter implements FormatCounter {
  readonly failure: UncountedReason | undefined = 'shape';

  constructor(_plan: RecordPlan, _found: PostCount) {}

  write(): void {}

  end(): void {}
}
