/**
 * A second reader of robots.txt, written from RFC 9309 without regard to speed, and with the documented habits of Google's
 * crawlers. A group without rules is not read, like in robots-parser.
 */

interface Rule {
  readonly form: RegExp;
  readonly length: number;
  readonly allows: boolean;
}

const FAMILIES: Readonly<Record<string, string>> = {
  'googlebot-image': 'googlebot',
  'googlebot-news': 'googlebot',
  'googlebot-video': 'googlebot',
  applebot: 'googlebot',
};

export class SlowReader {
  readonly #rules = new Map<string, Rule[]>();

  constructor(body: Uint8Array) {
    let agents: string[] = [];
    let hasRules = true;
    for (const line of new TextDecoder().decode(body).split(/\r\n|\r|\n/)) {
      const [, name = '', value = ''] = /^([^#:]*):([^#]*)/.exec(line) ?? [];
      const field = name.trim().toLowerCase();
      if (field === 'user-agent') {
        if (hasRules) agents = [];
        hasRules = false;
        agents.push(nameOf(value));
      } else if (field === 'allow' || field === 'disallow') {
        hasRules = true;
        for (const agent of agents) this.#add(agent, value.trim(), field === 'allow');
      }
    }
  }

  allows(agent: string, path: string): boolean {
    const name = nameOf(agent);
    const general = name.startsWith('adsbot-google') ? undefined : this.#rules.get('*');
    const rules = this.#rules.get(name) ?? this.#rules.get(FAMILIES[name] ?? '') ?? general ?? [];
    const matching = rules.filter(({ form }) => form.test(path));
    const longest = Math.max(0, ...matching.map(({ length }) => length));
    const best = matching.filter(({ length }) => length === longest);
    return best.length === 0 || best.some(({ allows }) => allows);
  }

  #add(agent: string, pattern: string, allows: boolean): void {
    const rules = this.#rules.get(agent) ?? [];
    this.#rules.set(agent, rules);
    if (pattern !== '') rules.push({ form: toRegExp(pattern), length: encodeURI(pattern).length, allows });
  }
}

function nameOf(value: string): string {
  const name = value.trim().toLowerCase().replace(/\/.*/, '').trim();
  return name.startsWith('*') ? '*' : name.replace(/[ *]+$/, '');
}

function toRegExp(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^{}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*');
  const anchored = escaped.endsWith('$')
    ? `${escaped.slice(0, -1).replaceAll('$', '\\$')}$`
    : escaped.replaceAll('$', '\\$');
  return new RegExp(`^${anchored}`, 's');
}
