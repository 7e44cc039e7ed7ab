/**
 * Combines the rules that an agent reads today with those of the policy, so that a path is allowed only if both allow it.
 * Longer patterns outrank shorter ones, and Allow outranks Disallow at equal length.
 */

import type { PathRule } from '../permission.ts';
import type { RobotsRule } from './parse.ts';
import { isPrefixPattern, mayOverlap, padPattern, patternsWithin, weightOf } from './pattern.ts';

/**
 * The time that combining takes grows with the square of the rules. If an agent has more rules, what the policy forbids
 * is forbidden without the exceptions within it.
 */
const MAX_COMBINED_RULES = 2_000;

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
  if (present.length > MAX_COMBINED_RULES) return withoutExceptions(present, policy, isMerged);
  const combined = new Combination(isMerged ? present : []);
  const regions = policy.map(({ path, permission = 'allow' }) => ({
    path,
    isAllowed: permission === 'allow',
  }));
  for (const { path, isAllowed } of regions) {
    // What no rule matches is allowed.
    if (path !== '/' || !isAllowed) combined.addRegion(path, isAllowed);
  }
  // Each rule outranks the present rules before it.
  for (const { pattern, isAllowed } of present.toSorted(byRank)) {
    if (!isAllowed) {
      combined.addDisallow(pattern);
      continue;
    }
    // What is allowed today has the verdict of the smallest region that contains it.
    const verdicts = new Map<string, boolean>();
    for (const region of regions) {
      for (const within of patternsWithin(pattern, region.path)) {
        verdicts.delete(within);
        verdicts.set(within, region.isAllowed);
      }
    }
    for (const [within, verdict] of verdicts) combined.addWithin(within, verdict, weightOf(pattern));
  }
  return combined.rules();
}

/** Takes time in proportion to the rules. */
function withoutExceptions(
  present: readonly RobotsRule[],
  policy: readonly PathRule[],
  isMerged: boolean,
): RobotsRule[] {
  const forbidden = policy.filter(({ permission = 'allow' }) => permission !== 'allow');
  const isWhole = forbidden.some(({ path }) => path === '/');
  const copied = isMerged || isWhole ? [] : present;
  const outranked = isMerged ? present : copied;
  const weight = outranked.reduce((most, { pattern }) => Math.max(most, weightOf(pattern)), 0) + 1;
  const paths = isWhole ? ['/'] : forbidden.map(({ path }) => path);
  const added = paths.map((path) => ({ pattern: padPattern(path, weight), isAllowed: false }));
  const rules = [...added, ...copied].toSorted((a, b) => byRank(b, a));
  return rules.length === 0 ? [{ pattern: '/', isAllowed: true }] : rules;
}

function byRank(a: RobotsRule, b: RobotsRule): number {
  return weightOf(a.pattern) - weightOf(b.pattern) || Number(a.isAllowed) - Number(b.isAllowed);
}

/** Rules in ascending order of rank. Patterns are padded where their length alone would not give them their rank. */
class Combination {
  /** Rules that readers add to these. */
  readonly #merged: readonly RobotsRule[];
  /** The rules of the policy. Of two that match, the longer one contains fewer paths, so its length gives it its rank. */
  readonly #regions: RobotsRule[] = [];
  readonly #added: RobotsRule[] = [];

  constructor(merged: readonly RobotsRule[]) {
    this.#merged = merged;
  }

  addRegion(pattern: string, isAllowed: boolean): void {
    this.#regions.push({ pattern, isAllowed });
  }

  /** Adds what is forbidden today. It is forbidden in every region. */
  addDisallow(pattern: string): void {
    this.#add(pattern, false, [...this.#regions, ...this.#added, ...this.#mergedUpTo(weightOf(pattern) - 1)]);
  }

  /**
   * Adds the part of a region that is allowed today. It outranks no other region: there is a part for each of them.
   * @param weight of the rule that allows it today.
   */
  addWithin(pattern: string, isAllowed: boolean, weight: number): void {
    this.#add(pattern, isAllowed, [...this.#added, ...this.#mergedUpTo(weight)]);
  }

  #mergedUpTo(weight: number): RobotsRule[] {
    return this.#merged.filter((rule) => weightOf(rule.pattern) <= weight);
  }

  #add(pattern: string, isAllowed: boolean, outranked: readonly RobotsRule[]): void {
    let least = 0;
    for (const other of outranked) {
      if (other.isAllowed === isAllowed || !mayOverlap(other.pattern, pattern)) continue;
      least = Math.max(least, weightOf(other.pattern) + (isAllowed ? 0 : 1));
    }
    const padded = padPattern(pattern, least);
    // An Allow that cannot be padded exactly would allow too much.
    this.#added.push({ pattern: isAllowed && !hasSamePaths(pattern, padded) ? pattern : padded, isAllowed });
  }

  rules(): RobotsRule[] {
    const all = [...this.#regions, ...this.#added];
    const isNeeded = this.#isNeeded(all);
    const needed = all.filter(
      (rule, at) => all.findIndex((one) => isSame(one, rule)) === at && isNeeded(rule),
    );
    if (needed.length === 0) return [{ pattern: '/', isAllowed: true }];
    return needed.toSorted((a, b) => byRank(b, a));
  }

  /** If nothing is allowed, a shorter Disallow contains the longer ones. */
  #isNeeded(all: readonly RobotsRule[]): (rule: RobotsRule) => boolean {
    if ([...all, ...this.#merged].some((rule) => rule.isAllowed)) return () => true;
    const prefixes = all.filter((rule) => isPrefixPattern(rule.pattern));
    return (rule) =>
      !prefixes.some(({ pattern }) => pattern !== rule.pattern && rule.pattern.startsWith(pattern));
  }
}

function hasSamePaths(pattern: string, padded: string): boolean {
  return padded === pattern || padded.endsWith('$') === pattern.endsWith('$');
}

function isSame(a: RobotsRule, b: RobotsRule): boolean {
  return a.pattern === b.pattern && a.isAllowed === b.isAllowed;
}
