/**
 * Combines the rules that an agent reads today with those of the policy, so that a path is allowed only if both allow it.
 * Longer patterns outrank shorter ones, and Allow outranks Disallow at equal length.
 */

import type { PathRule } from '../permission.ts';
import type { RobotsRule } from './parse.ts';
import { isPrefixPattern, mayOverlap, padPattern, patternWithin, weightOf } from './pattern.ts';

/**
 * @param present the rules that the agent reads today.
 * @param policy the rules of the policy, the shortest path first; the first path is `/`.
 * @param isMerged true if readers add the result to `present`, because the agent has a group of its own.
 * @returns the rules of a new group, the longest pattern first. Never empty.
 */
export function combineRules(
  present: readonly RobotsRule[],
  policy: readonly PathRule[],
  isMerged: boolean,
): RobotsRule[] {
  const combined = new Combination(isMerged ? present : []);
  const regions = policy.map(({ path, permission = 'allow' }) => ({
    path,
    isAllowed: permission === 'allow',
  }));
  for (const { path, isAllowed } of regions) {
    // What no rule matches is allowed.
    if (path !== '/' || !isAllowed) combined.add(path, isAllowed, 0);
  }
  // Each rule outranks the rules before it.
  for (const { pattern, isAllowed } of present.toSorted(byRank)) {
    if (!isAllowed) {
      combined.add(pattern, false, weightOf(pattern) - 1);
      continue;
    }
    for (const region of regions) {
      const within = patternWithin(pattern, region.path);
      if (within !== null) combined.add(within, region.isAllowed, weightOf(pattern));
    }
  }
  return combined.rules();
}

function byRank(a: RobotsRule, b: RobotsRule): number {
  return weightOf(a.pattern) - weightOf(b.pattern) || Number(a.isAllowed) - Number(b.isAllowed);
}

/** Rules in ascending order of rank. Patterns are padded where their length alone would not give them their rank. */
class Combination {
  /** Rules that readers add to these. */
  readonly #merged: readonly RobotsRule[];
  readonly #added: RobotsRule[] = [];

  constructor(merged: readonly RobotsRule[]) {
    this.#merged = merged;
  }

  /** @param over the rule outranks merged rules of at most this weight. */
  add(pattern: string, isAllowed: boolean, over: number): void {
    const outranked = [...this.#added, ...this.#merged.filter((rule) => weightOf(rule.pattern) <= over)];
    let least = 0;
    for (const other of outranked) {
      if (other.isAllowed === isAllowed || !mayOverlap(other.pattern, pattern)) continue;
      least = Math.max(least, weightOf(other.pattern) + (isAllowed ? 0 : 1));
    }
    const padded = padPattern(pattern, least);
    // An Allow that cannot be padded exactly would allow too much.
    const isInexact = isAllowed && padded !== pattern && pattern.endsWith('$') && !pattern.includes('*');
    this.#added.push({ pattern: isInexact ? pattern : padded, isAllowed });
  }

  rules(): RobotsRule[] {
    const isNeeded = this.#isNeeded();
    const needed = this.#added.filter((rule, at) => {
      const isRepeated = this.#added.findIndex((one) => isSame(one, rule)) !== at;
      return !isRepeated && isNeeded(rule);
    });
    if (needed.length === 0) return [{ pattern: '/', isAllowed: true }];
    return needed.toSorted((a, b) => byRank(b, a));
  }

  /** If nothing is allowed, a shorter Disallow contains the longer ones. */
  #isNeeded(): (rule: RobotsRule) => boolean {
    if ([...this.#added, ...this.#merged].some((rule) => rule.isAllowed)) return () => true;
    const prefixes = this.#added.filter((rule) => isPrefixPattern(rule.pattern));
    return (rule) =>
      !prefixes.some(({ pattern }) => pattern !== rule.pattern && rule.pattern.startsWith(pattern));
  }
}

function isSame(a: RobotsRule, b: RobotsRule): boolean {
  return a.pattern === b.pattern && a.isAllowed === b.isAllowed;
}
