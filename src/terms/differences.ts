/** What a new policy changes in the verdicts of robots.txt, by agent and path. */

import type { TermsAgent } from './permission.ts';
import type { Policy } from './policy.ts';
import { mergeRobots } from './robots/merge.ts';
import { parseRobots, type Robots } from './robots/parse.ts';
import { isAllowedBy } from './robots/verdict.ts';

export interface VerdictChange {
  readonly agent: string;
  readonly path: string;
  readonly isAllowed: boolean;
}

interface ComparedPolicies {
  /** The policy in force; null if there is none. */
  readonly before: Policy | null;
  readonly after: Policy;
  readonly agents: readonly TermsAgent[];
  /** The platform's robots.txt as Latin-1. */
  readonly robots: string;
  /** Paths that are compared besides those of the policies. */
  readonly paths: readonly string[];
}

/** Verdicts that differ. Those for `/` come first. */
export function verdictChanges({ before, after, agents, robots, paths }: ComparedPolicies): VerdictChange[] {
  const merged = (policy: Policy | null): Robots =>
    parseRobots(policy === null ? robots : mergeRobots(robots, { policy, agents, licenceUrl: '/' }));
  const [present, future] = [merged(before), merged(after)];
  return comparedPaths(before === null ? [after] : [before, after], paths).flatMap((path) =>
    agents
      .map(({ token }) => ({ agent: token, path, isAllowed: isAllowedBy(future, token, path) }))
      .filter(({ agent, isAllowed }) => isAllowed !== isAllowedBy(present, agent, path)),
  );
}

/** The root, the paths of the policies and other paths, each once, the shortest first. */
export function comparedPaths(policies: readonly Policy[], others: readonly string[]): string[] {
  const named = policies.flatMap(({ paths, freePaths }) => [...paths.map(({ path }) => path), ...freePaths]);
  return [...new Set(['/', ...named, ...others])].toSorted((a, b) => a.length - b.length);
}
