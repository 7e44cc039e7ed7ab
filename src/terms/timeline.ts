/** Which version of the published policy is in force at a moment. */

import type { PolicyVersion } from './policy.ts';

/**
 * Returns a function that finds the version in force: the one with the latest start that is not in the future, or null
 * if none has started. Of several versions with the same start, the last one replaces the others.
 */
export function policyTimeline(versions: readonly PolicyVersion[]): (nowMs: number) => PolicyVersion | null {
  const inOrder = versions.toSorted((a, b) => a.validFromMs - b.validFromMs || a.version - b.version);
  return (nowMs) => inOrder.findLast(({ validFromMs }) => validFromMs <= nowMs) ?? null;
}
