/**
 * Merges a policy into the platform's robots.txt. Every line of the platform stays, in order. Groups of our own come first,
 * and state for each agent of the policy what it reads today and what the policy restricts. Agents that the policy does
 * not concern read the same rules as before.
 */

import { agentRules, exceptionFor, FALLBACK_AGENTS, type TermsAgent } from '../permission.ts';
import type { Policy } from '../policy.ts';
import { combineRules } from './combine.ts';
import { agentToken, parseRobots, type Robots, type RobotsGroup, type RobotsRule } from './parse.ts';
import { usageLines } from './usage-lines.ts';

/** UTF-8's byte order mark, read as Latin-1. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
/** No crawler has this name. Rules of the platform that belong to no group join its group. */
const NO_AGENT = 'postmeter-end-of-group';
/** Agents that do not read the groups for `*`. */
const IGNORES_ALL_AGENTS = /^(?:adsbot-google|mediapartners-google)/;

interface RobotsTerms {
  readonly policy: Policy;
  /** The catalogue. */
  readonly agents: readonly TermsAgent[];
  /** Absolute URL of the licence. */
  readonly licenceUrl: string;
}

/** @param present the platform's file as Latin-1; empty if there is none. */
export function mergeRobots(present: string, terms: RobotsTerms): string {
  const mark = present.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const robots = parseRobots(present.slice(mark.length));
  const newline = /\r\n|\r|\n/.exec(robots.lines[0]?.text ?? '')?.[0] ?? '\n';
  const groups = ownGroups(robots, terms);
  const own = [`License: ${terms.licenceUrl}`, ...groups.flatMap((group) => ['', ...group])];
  const platform = platformText(robots, terms.policy, newline);
  if (!robots.beginsWithRules || robots.endsInAgents) {
    // Rules without a group would join our last one, and a group without rules would take those of our first one.
    if (robots.beginsWithRules) own.push('', `User-agent: ${NO_AGENT}`, 'Allow: /');
    const separator = platform === '' ? '' : newline;
    return mark + own.map((line) => line + newline).join('') + separator + platform;
  }
  const end = /[\r\n]$/.test(platform) ? '' : newline;
  return mark + platform + end + newline + own.map((line) => line + newline).join('');
}

/** The agents that a policy concerns: those with an exception, and those that may not read everything. */
export function concernedAgents(policy: Policy, agents: readonly TermsAgent[]): TermsAgent[] {
  return agents.filter(
    (agent) =>
      exceptionFor(policy, agent) !== undefined ||
      agentRules(policy, agent).some(({ permission = 'allow' }) => permission !== 'allow'),
  );
}

/** Our groups as lines. Agents with the same lines share a group. */
function ownGroups(robots: Robots, { policy, agents }: RobotsTerms): string[][] {
  const tokensByLines = new Map<string, Set<string>>();
  const combinations = new Map<string, RobotsRule[]>();
  for (const agent of concernedAgents(policy, agents)) {
    const { rules, source } = presentRules(robots, agent.token);
    const terms = agentRules(policy, agent);
    // Most agents read the groups for `*`, and there are few kinds of terms.
    const key = JSON.stringify([source, terms]);
    const isOwn = source === agentToken(agent.token);
    const combined = combinations.get(key) ?? combineRules(rules, terms, isOwn);
    combinations.set(key, combined);
    const lines = [...combined.map(ruleLine), ...usageLines(policy, agent, combined)].join('\n');
    tokensByLines.set(lines, (tokensByLines.get(lines) ?? new Set()).add(robotsName(agent.token)));
  }
  const groups = [...tokensByLines].map(([lines, tokens]) => [
    ...[...tokens].map((token) => `User-agent: ${token}`),
    ...lines.split('\n'),
  ]);
  const general = usageLines(policy, null, []);
  const hasGeneral = robots.groups.some((group) => group.agents.includes('*') && group.firstRuleAt !== -1);
  if (general.length > 0 && !hasGeneral) groups.push(['User-agent: *', 'Allow: /', ...general]);
  return groups;
}

/** The rules that an agent reads, and the agent that their groups name. Groups for one agent are one group. */
export function presentRules(
  { groups }: Robots,
  token: string,
): { readonly rules: RobotsRule[]; readonly source: string } {
  const rulesFor = (name: string): RobotsRule[] | null => {
    const its = groups.filter((group) => group.agents.includes(name) && group.firstRuleAt !== -1);
    return its.length === 0 ? null : its.flatMap((group) => group.rules);
  };
  const name = agentToken(token);
  const others = [name, FALLBACK_AGENTS.get(name), IGNORES_ALL_AGENTS.test(name) ? undefined : '*'];
  for (const source of others) {
    const rules = source === undefined ? null : rulesFor(source);
    if (source !== undefined && rules !== null) return { rules, source };
  }
  return { rules: [], source: '' };
}

/** The platform's lines. What the policy states about uses follows the first rule of each group. */
function platformText({ lines, groups }: Robots, policy: Policy, newline: string): string {
  const statements = new Map<number, string>();
  for (const group of groups) {
    if (group.firstRuleAt !== -1) statements.set(group.firstRuleAt, statementOf(group, policy, newline));
  }
  return lines
    .map(({ text }, at) => {
      const statement = statements.get(at) ?? '';
      return statement === '' || /[\r\n]$/.test(text) ? text + statement : text + newline + statement;
    })
    .join('');
}

function statementOf(group: RobotsGroup, policy: Policy, newline: string): string {
  return usageLines(policy, null, group.rules, group)
    .map((line) => line + newline)
    .join('');
}

function ruleLine({ pattern, isAllowed }: RobotsRule): string {
  return `${isAllowed ? 'Allow' : 'Disallow'}: ${pattern}`;
}

/** The name that the agent looks for: its token without a version. */
function robotsName(token: string): string {
  return token.split('/', 1)[0]!.trim();
}
