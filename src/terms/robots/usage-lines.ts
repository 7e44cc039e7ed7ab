/** The Content-Signal and Content-Usage lines of one group of robots.txt. */

import type { TermsAgent } from '../permission.ts';
import type { Policy } from '../policy.ts';
import { membersText, pathUsages, siteSignals } from '../usage.ts';
import type { RobotsRule } from './parse.ts';

/** What a group of the platform already states. */
interface StatedUsage {
  /** Values of its Content-Signal and Content-Usage lines. */
  readonly signals: readonly string[];
  readonly usages: readonly string[];
}

const NOTHING_STATED: StatedUsage = { signals: [], usages: [] };

/**
 * Returns the lines without terminators. If the group states something itself, the lines only add restrictions and keys
 * that it lacks.
 * @param rules of the group. Nothing is stated about the use of paths that they forbid.
 */
export function usageLines(
  policy: Policy,
  agent: TermsAgent | null,
  rules: readonly RobotsRule[],
  stated: StatedUsage = NOTHING_STATED,
): string[] {
  const signals = siteSignals(policy, agent);
  for (const [key, value] of statedSignals(stated.signals)) {
    if (value === 'no' || signals.get(key) === value) signals.delete(key);
  }
  const lines = signals.size === 0 ? [] : [`Content-Signal: ${membersText(signals)}`];
  const isRestrictingOnly = stated.usages.length > 0;
  let above = new Map<string, string>();
  for (const { path, members } of pathUsages(policy, agent)) {
    const kept = new Map([...members].filter(([, value]) => !isRestrictingOnly || value === 'n'));
    const isNews = path === '/' || membersText(kept) !== membersText(above);
    if (path === '/') above = kept;
    if (!isNews || kept.size === 0 || isForbidden(path, rules)) continue;
    lines.push(`Content-Usage: ${path === '/' ? '' : `${path} `}${membersText(kept)}`);
  }
  return lines;
}

/** True if a rule forbids everything below the path, and no rule allows a part of it. */
function isForbidden(path: string, rules: readonly RobotsRule[]): boolean {
  const within = rules.filter((rule) => rule.isAllowed && rule.pattern.startsWith(path));
  if (within.length > 0) return false;
  return rules.some(({ isAllowed, pattern }) => !isAllowed && path.startsWith(pattern.replace(/\*$/, '')));
}

function statedSignals(values: readonly string[]): Map<string, string> {
  const members = values.flatMap((value) => value.split(','));
  return new Map(
    members.map((member) => {
      const [key = '', value = ''] = member.split('=', 2);
      return [key.trim().toLowerCase(), value.trim().toLowerCase()];
    }),
  );
}
