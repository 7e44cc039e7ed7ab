/** Contradictions within a policy: each names the field, the reason and a fix. A policy with one is refused. */

import { withheldMasks } from '../rights/matrix.ts';
import { PREFERENCE_MASK } from '../rights/state.ts';
import type { FieldError } from '../tariff/terms.ts';
import { FALLBACK_AGENTS, permissionAt, purposeRules, type TermsAgent } from './permission.ts';
import { PERMISSIONS, type Policy, PURPOSES } from './policy.ts';

/** @param agents the catalogue. */
export function policyFaults(policy: Policy, agents: readonly TermsAgent[]): FieldError[] {
  return [
    ...agentFaults(policy, agents),
    ...pathFaults(policy),
    ...freePathFaults(policy),
    ...enforcementFaults(policy),
  ];
}

function agentFaults(policy: Policy, agents: readonly TermsAgent[]): FieldError[] {
  const known = new Map(agents.map(({ token }) => [token.toLowerCase(), token]));
  const names = Object.keys(policy.agents);
  return names.flatMap((name, at) => {
    const field = `agents.${name}`;
    const lower = name.toLowerCase();
    const first = names.findIndex((other) => other.toLowerCase() === lower);
    if (first < at)
      return [{ field, reason: `names the same agent as ${names[first]}`, hint: 'remove one of them' }];
    if (known.has(lower)) return [];
    const near = agents.find(({ token }) => token.toLowerCase().startsWith(lower.slice(0, 4)));
    const hint = near === undefined ? 'see GET /v1/agents' : `did you mean ${near.token}? See GET /v1/agents`;
    return [{ field, reason: 'is not an agent of the catalogue', hint }];
  });
}

function pathFaults({ paths }: Policy): FieldError[] {
  return paths.flatMap(({ path, purposes }, at) => {
    const field = `paths.${at}`;
    const first = paths.findIndex((other) => other.path === path);
    if (first < at) {
      return [
        { field: `${field}.path`, reason: `is the path of paths.${first} too`, hint: 'join both entries' },
      ];
    }
    const stated = Object.entries(purposes);
    if (stated.length === 0) {
      return [
        { field: `${field}.purposes`, reason: 'is empty', hint: 'name a purpose, or remove the entry' },
      ];
    }
    const all = purposes['*'];
    return stated
      .filter(([, permission]) => all !== undefined && isLaxer(permission, all))
      .map(([purpose, permission]) => ({
        field: `${field}.purposes.${purpose}`,
        reason: `has no effect: ${permission} is less strict than ${all} for *`,
        hint: 'remove it, or name the other purposes instead of *',
      }));
  });
}

function isLaxer(a: Policy['agents'][string], b: Policy['agents'][string]): boolean {
  return PERMISSIONS.indexOf(a) < PERMISSIONS.indexOf(b);
}

/** What is free is never withheld, so nothing below it can be restricted. */
function freePathFaults({ paths, freePaths }: Policy): FieldError[] {
  const repeated = freePaths.flatMap((path, at) =>
    freePaths.indexOf(path) < at
      ? [{ field: `freePaths.${at}`, reason: `is ${path} again`, hint: 'remove it' }]
      : [],
  );
  const restricted = paths.flatMap(({ path, purposes }, at) => {
    const free = freePaths.find((prefix) => path.startsWith(prefix));
    const isRestricted = Object.values(purposes).some((permission) => permission !== 'allow');
    if (free === undefined || !isRestricted) return [];
    const reason = `restricts a path below the free path ${free}, which is never withheld`;
    return [{ field: `paths.${at}`, reason, hint: `remove it, or remove ${free} from freePaths` }];
  });
  return [...repeated, ...restricted];
}

/** What is published as allowed must not be withheld from everything that has no setting. */
function enforcementFaults(policy: Policy): FieldError[] {
  if (policy.regime === 'opt_out') return [];
  const masks = withheldMasks(policy.matrix);
  const { mode, classes } = policy.enforcement;
  return PURPOSES.filter((purpose) => {
    const isEnforced = (classes[purpose] ?? mode) === 'enforce';
    const isWithheld = (masks[purpose] & PREFERENCE_MASK) !== 0;
    const isStated = policy.purposes[purpose] !== undefined;
    return (
      isEnforced && isWithheld && isStated && permissionAt(purposeRules(policy, purpose), '/') === 'allow'
    );
  }).map((purpose) => ({
    field: `purposes.${purpose}`,
    reason: 'is allow, but under the regime opt_in everything without a setting is withheld',
    hint: `use licence or deny, or remove the preferences from matrix.${purpose}`,
  }));
}

/** Agents that an exception changes although they are not named, for a reader of the policy. */
export function followingAgents(
  policy: Policy,
  agents: readonly TermsAgent[],
): { agent: string; follows: string }[] {
  const named = new Set(Object.keys(policy.agents).map((name) => name.toLowerCase()));
  return agents.flatMap(({ token }) => {
    const follows = FALLBACK_AGENTS.get(token.toLowerCase());
    if (follows === undefined || !named.has(follows) || named.has(token.toLowerCase())) return [];
    return [{ agent: token, follows }];
  });
}
