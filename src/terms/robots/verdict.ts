/** What a robots.txt says to an agent about a path. */

import { presentRules } from './merge.ts';
import type { Robots } from './parse.ts';
import { matchesPattern, weightOf } from './pattern.ts';

/** The rule with the longest matching pattern applies, and Allow before Disallow at equal length. */
export function isAllowedBy(robots: Robots, token: string, path: string): boolean {
  let longest = -1;
  let isAllowed = true;
  for (const rule of presentRules(robots, token).rules) {
    const weight = weightOf(rule.pattern);
    if (weight < longest || !matchesPattern(rule.pattern, path)) continue;
    isAllowed = rule.isAllowed || (weight === longest && isAllowed);
    longest = weight;
  }
  return isAllowed;
}
