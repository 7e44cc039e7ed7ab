/** Which records of the AT Protocol are posts. */

import type { PlanResult } from '../route/compile.ts';
import type { RecordEntry } from '../route/schema.ts';

export interface RecordPlan {
  readonly entries: readonly RecordEntry[];
}

export function compileRecords(entries: readonly RecordEntry[]): PlanResult<RecordPlan> {
  return { ok: true, plan: { entries } };
}
