/**
 * Reads a robots.txt into lines and groups (RFC 9309). Every line is kept as it is. Texts are Latin-1: one character is
 * one byte.
 */

export interface RobotsRule {
  /** Never empty. */
  readonly pattern: string;
  readonly isAllowed: boolean;
}

interface RobotsLine {
  /** With its terminator. */
  readonly text: string;
  /** Name of the field in lower case; empty for a comment or a line without a colon. */
  readonly field: string;
  readonly value: string;
}

export interface RobotsGroup {
  /** Tokens as `agentToken` returns them. */
  readonly agents: readonly string[];
  readonly rules: readonly RobotsRule[];
  /** Index of the first Allow or Disallow line, even if its value is empty; -1 if there is none. */
  readonly firstRuleAt: number;
  /** Values of Content-Signal and Content-Usage lines. */
  readonly signals: readonly string[];
  readonly usages: readonly string[];
}

export interface Robots {
  readonly lines: readonly RobotsLine[];
  readonly groups: readonly RobotsGroup[];
  /** True if there are rules before the first group. */
  readonly beginsWithRules: boolean;
  /** True if the last group has no rules, so that an appended group would join it. */
  readonly endsInAgents: boolean;
}

/** A line ends at CR, LF or both. */
const LINE_END = /(\r\n|\r|\n)/;

export function parseRobots(text: string): Robots {
  const lines = linesOf(text);
  const groups: GroupBuilder[] = [];
  let beginsWithRules = false;
  let isInAgents = false;
  for (const [at, { field, value }] of lines.entries()) {
    const group = groups.at(-1);
    if (field === 'user-agent') {
      if (isInAgents && group !== undefined) group.agents.push(agentToken(value));
      else groups.push(newGroup(value));
      isInAgents = true;
    } else if (field === 'allow' || field === 'disallow') {
      isInAgents = false;
      if (group === undefined) beginsWithRules = true;
      else addRule(group, at, value, field === 'allow');
    } else if (field === 'content-signal') group?.signals.push(value);
    else if (field === 'content-usage') group?.usages.push(value);
  }
  return { lines, groups, beginsWithRules, endsInAgents: groups.at(-1)?.firstRuleAt === -1 };
}

/**
 * The name of an agent for comparison: in lower case, without a version and without a `*` after the name, because files
 * also contain `ccbot/2.0` and `GPTBot *`.
 */
export function agentToken(value: string): string {
  const name = value.toLowerCase().split('/', 1)[0]!.trim();
  if (name.startsWith('*')) return '*';
  let end = name.length;
  while (end > 0 && (name[end - 1] === '*' || name[end - 1] === ' ')) end--;
  return name.slice(0, end);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };
type GroupBuilder = Mutable<RobotsGroup>;

function newGroup(agent: string): GroupBuilder {
  return { agents: [agentToken(agent)], rules: [], firstRuleAt: -1, signals: [], usages: [] };
}

function addRule(group: GroupBuilder, at: number, pattern: string, isAllowed: boolean): void {
  if (group.firstRuleAt === -1) group.firstRuleAt = at;
  // An empty pattern matches nothing.
  if (pattern !== '') group.rules.push({ pattern, isAllowed });
}

function linesOf(text: string): RobotsLine[] {
  const parts = text.split(LINE_END);
  const lines: RobotsLine[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const line = parts[at]! + (parts[at + 1] ?? '');
    if (line !== '') lines.push(lineOf(line));
  }
  return lines;
}

function lineOf(text: string): RobotsLine {
  const content = text.split('#', 1)[0]!;
  const colon = content.indexOf(':');
  if (colon === -1) return { text, field: '', value: '' };
  const field = content.slice(0, colon).trim().toLowerCase();
  return { text, field, value: content.slice(colon + 1).trim() };
}
