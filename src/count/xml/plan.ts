/** Where posts are found in XML and feeds. */

import type { PlanResult } from '../route/compile.ts';
import type { XmlEntry } from '../route/schema.ts';

export interface XmlPlan {
  readonly entries: readonly XmlEntry[];
}

export function compileXml(entries: readonly XmlEntry[]): PlanResult<XmlPlan> {
  return { ok: true, plan: { entries } };
}
