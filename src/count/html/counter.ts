/** Counts posts in HTML. */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import type { HtmlPlan } from './plan.ts';

export class HtmlCounter implements FormatCounter {
  readonly failure: UncountedReason | undefined = 'shape';

  constructor(_plan: HtmlPlan, _found: PostCount) {}

  write(): void {}

  end(): void {}
}
