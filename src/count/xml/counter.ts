/** Counts posts in XML and feeds. */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import type { XmlPlan } from './plan.ts';

export class XmlCounter implements FormatCounter {
  readonly failure: UncountedReason | undefined = 'shape';

  constructor(_plan: XmlPlan, _found: PostCount) {}

  write(): void {}

  end(): void {}
}
