/** Which fields of a configuration a running process applies, and which need a restart. */

import type { Config } from './schema.ts';

/** Fields, or whole sections, that apply to requests after a reload. */
const LIVE: ReadonlySet<string> = new Set([
  '$schema',
  'trustedProxies',
  'identify',
  'count',
  'platform',
  'routes',
  'rights.subjects',
  'log',
  'upstream.host',
  'upstream.via',
  'upstream.clientHeader',
  'upstream.agentHeader',
]);

export interface Reload {
  /** New values of live fields, old values of all others. */
  readonly config: Config;
  /** Changed fields that apply now. */
  readonly applied: readonly string[];
  /** Changed fields that need a restart. */
  readonly needRestart: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The path of a field is its section, a dot and its name. A section without fields of its own counts as a field. */
export function reloadConfig(before: Config, after: Config): Reload {
  const applied: string[] = [];
  const needRestart: string[] = [];
  const pick = (path: string, old: unknown, now: unknown): unknown => {
    if (isSame(old, now)) return old;
    const isLive = LIVE.has(path);
    (isLive ? applied : needRestart).push(path);
    return isLive ? now : old;
  };
  const config = merged('', before as Fields, after as Fields, (path, old, now) => {
    if (LIVE.has(path) || !isSection(old) || !isSection(now)) return pick(path, old, now);
    return merged(`${path}.`, old, now, pick);
  });
  return { config: config as Config, applied, needRestart };
}

function merged(
  prefix: string,
  before: Fields,
  after: Fields,
  pick: (path: string, old: unknown, now: unknown) => unknown,
): Fields {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const fields = [...names].map((name) => [name, pick(prefix + name, before[name], after[name])] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function isSection(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
