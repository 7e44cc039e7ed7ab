/** What a policy permits to a purpose or to an agent at a path. */

import type { AskerClass } from '../rights/asker.ts';
import { PERMISSIONS, type Permission, type Policy, PURPOSES, type Purpose } from './policy.ts';

/** An agent of the catalogue, as far as terms concern it. */
export interface TermsAgent {
  /** The product token, as in robots.txt. */
  readonly token: string;
  readonly class: AskerClass;
}

/** Agents that follow the rules for another agent unless there are rules for themselves, by their token in lower case. */
export const FALLBACK_AGENTS: ReadonlyMap<string, string> = new Map([
  ['googlebot-image', 'googlebot'],
  ['googlebot-news', 'googlebot'],
  ['googlebot-video', 'googlebot'],
  ['applebot', 'googlebot'],
]);

/** A path prefix and what holds below it, unless a longer prefix applies. */
export interface PathRule {
  readonly path: string;
  /** Undefined if the policy does not state it, which permits. */
  readonly permission: Permission | undefined;
}

/** The purpose of the agents of a class; null for a class without a purpose. */
export function purposeOf(asker: AskerClass): Purpose | null {
  return PURPOSES.find((purpose) => purpose === asker) ?? null;
}

/**
 * The rules of a policy for an agent, the shortest path first. The first path is `/`. An exception for an agent also
 * concerns the agents that fall back on it.
 */
export function agentRules(policy: Policy, agent: TermsAgent): PathRule[] {
  return rulesBelow(policy, purposeOf(agent.class), exceptionFor(policy, agent));
}

/** The rules of a policy for a purpose, the shortest path first. The first path is `/`. */
export function purposeRules(policy: Policy, purpose: Purpose): PathRule[] {
  return rulesBelow(policy, purpose, undefined);
}

/** What the longest matching path permits. */
export function permissionAt(rules: readonly PathRule[], path: string): Permission {
  return rules.findLast((rule) => path.startsWith(rule.path))?.permission ?? 'allow';
}

/** What a policy permits to an agent or a purpose at a path. */
export function permissionFor(policy: Policy, party: TermsAgent | Purpose, path: string): Permission {
  const rules = typeof party === 'string' ? purposeRules(policy, party) : agentRules(policy, party);
  return permissionAt(rules, path);
}

/** The exception of a policy for an agent, in any letter case; undefined if there is none. */
export function exceptionFor(policy: Policy, agent: TermsAgent): Permission | undefined {
  const token = agent.token.toLowerCase();
  return ownException(policy, token) ?? ownException(policy, FALLBACK_AGENTS.get(token));
}

function ownException({ agents }: Policy, token: string | undefined): Permission | undefined {
  return Object.entries(agents).find(([name]) => name.toLowerCase() === token)?.[1];
}

function rulesBelow(policy: Policy, purpose: Purpose | null, exception: Permission | undefined): PathRule[] {
  const root = exception ?? (purpose === null ? undefined : policy.purposes[purpose]);
  const rules = new Map<string, Permission | undefined>([['/', root]]);
  for (const { path, purposes } of policy.paths) {
    const permission = purpose === null ? undefined : stricter(purposes[purpose], purposes['*']);
    if (permission !== undefined) rules.set(path, permission);
  }
  for (const path of policy.freePaths) rules.set(path, 'allow');
  const inOrder = [...rules].toSorted(([a], [b]) => a.length - b.length);
  return inOrder.map(([path, permission]) => ({ path, permission }));
}

/** Deny is stricter than licence, and licence is stricter than allow. */
function stricter(a: Permission | undefined, b: Permission | undefined): Permission | undefined {
  return PERMISSIONS.findLast((permission) => permission === a || permission === b);
}
