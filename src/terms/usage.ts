/**
 * The statements of a policy about uses of content: members of `Content-Usage` (draft-ietf-aipref-vocab) and of
 * `Content-Signal` (contentsignals.org). A purpose that the policy does not state has no member.
 */

import { agentRules, type PathRule, purposeOf, purposeRules, type TermsAgent } from './permission.ts';
import type { Permission, Policy, Purpose } from './policy.ts';

const USAGE_KEYS = [
  ['train-ai', 'ai_training'],
  ['search', 'search'],
] as const satisfies ReadonlyArray<readonly [string, Purpose]>;

const SIGNAL_KEYS = [
  ['search', 'search'],
  ['ai-input', 'ai_input'],
  ['ai-train', 'ai_training'],
] as const satisfies ReadonlyArray<readonly [string, Purpose]>;

/** What is stated below a path prefix. */
interface PathUsage {
  readonly path: string;
  /** `y` or `n` by key of `Content-Usage`. */
  readonly members: ReadonlyMap<string, 'y' | 'n'>;
}

/**
 * What `Content-Usage` states, the shortest path first; the first path is `/`.
 * @param agent whose exception takes precedence for its purpose; null for all agents.
 */
export function pathUsages(policy: Policy, agent: TermsAgent | null): PathUsage[] {
  const keys = USAGE_KEYS.map(([key, purpose]) => ({ key, rules: rulesFor(policy, purpose, agent) }));
  const paths = new Set(keys.flatMap(({ rules }) => rules.map(({ path }) => path)));
  return [...paths]
    .toSorted((a, b) => a.length - b.length)
    .map((path) => {
      const stated = keys.map(({ key, rules }) => [key, statedAt(rules, path)] as const);
      const members = stated.filter(([, permission]) => permission !== undefined);
      return { path, members: new Map(members.map(([key, permission]) => [key, letterOf(permission!)])) };
    });
}

/** What `Content-Signal` states for the whole site: `yes` or `no` by key. */
export function siteSignals(policy: Policy, agent: TermsAgent | null): Map<string, 'yes' | 'no'> {
  const stated = SIGNAL_KEYS.map(
    ([key, purpose]) => [key, rulesFor(policy, purpose, agent)[0]?.permission] as const,
  ).filter(([, permission]) => permission !== undefined);
  return new Map(stated.map(([key, permission]) => [key, permission === 'allow' ? 'yes' : 'no']));
}

/** `key=value` members, separated by commas. */
export function membersText(members: ReadonlyMap<string, string>): string {
  return [...members].map(([key, value]) => `${key}=${value}`).join(', ');
}

function rulesFor(policy: Policy, purpose: Purpose, agent: TermsAgent | null): PathRule[] {
  return agent !== null && purposeOf(agent.class) === purpose
    ? agentRules(policy, agent)
    : purposeRules(policy, purpose);
}

function statedAt(rules: readonly PathRule[], path: string): Permission | undefined {
  return rules.findLast((rule) => path.startsWith(rule.path) && rule.permission !== undefined)?.permission;
}

function letterOf(permission: Permission): 'y' | 'n' {
  return permission === 'allow' ? 'y' : 'n';
}
