import { describe, expect, it } from 'vitest';
import { agentsSettingsSchema } from '../../../../src/identify/agents/settings.ts';
import { catalogueOf } from '../../../../src/identify/asker/catalogue/catalogue.ts';
import { SHIPPED_AGENTS } from '../../../../src/identify/asker/catalogue/shipped-agents.ts';
import { isPlainWord } from '../../../../src/identify/asker/catalogue/stop-words.ts';
import { AGENT_CLASSES } from '../../../../src/rights/asker.ts';

const catalogue = catalogueOf([]);
const configured = (entries: unknown[]) =>
  catalogueOf(agentsSettingsSchema.parse({ catalogue: entries }).catalogue);

describe('the shipped catalogue', () => {
  it('has more than 150 agents, each token and each literal once', () => {
    expect(SHIPPED_AGENTS.length).toBeGreaterThan(150);
    for (const names of [
      SHIPPED_AGENTS.map(({ token }) => token),
      SHIPPED_AGENTS.map(({ match }) => match),
    ]) {
      const lower = names.map((name) => name.toLowerCase());
      expect(lower.filter((name, at) => lower.indexOf(name) !== at)).toEqual([]);
    }
  });

  it('consists of entries that the configuration accepts', () => {
    const entries = SHIPPED_AGENTS.map(({ isRobotsOnly, ...agent }) => agent);
    expect(agentsSettingsSchema.safeParse({ catalogue: entries }).error).toBeUndefined();
    expect(SHIPPED_AGENTS.filter(({ match }) => isPlainWord(match))).toEqual([]);
  });

  it('finds each agent by its literal in a User-Agent', () => {
    for (const agent of SHIPPED_AGENTS) {
      expect(catalogue.claimedBy(`Mozilla/5.0 (compatible; ${agent.match.toUpperCase()}/1.0)`)).toEqual([
        agent,
      ]);
    }
  });

  it.each([
    ['GPTBot', 'ai_training'],
    ['CCBot', 'ai_training'],
    ['OAI-SearchBot', 'ai_input'],
    ['ChatGPT-User', 'user_fetch'],
    ['Googlebot', 'search'],
    ['archive.org_bot', 'archive'],
    ['facebookexternalhit', 'unknown'],
  ])('gives %s the class %s', (token, agentClass) => {
    expect(catalogue.byToken(token.toUpperCase())?.class).toBe(agentClass);
  });

  it('orders the agents of an operator by class, the strictest first', () => {
    const classes = catalogue.ofOperator('OpenAI').map((agent) => AGENT_CLASSES.indexOf(agent.class));
    expect(classes).toEqual(classes.toSorted((a, b) => a - b));
    expect(catalogue.ofOperator('OpenAI')[0]?.token).toBe('GPTBot');
    expect(catalogue.signedBy('HTTPS://ChatGPT.com/').map(({ token }) => token)).toEqual(['ChatGPT Agent']);
    expect(catalogue.signedBy('https://chatgpt.com.evil.example/')).toEqual([]);
  });
});

describe('claims', () => {
  const claimed = (userAgent: string) => catalogue.claimedBy(userAgent).map(({ token }) => token);

  it.each<[string, string[]]>([
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
      ['GPTBot'],
    ],
    ['gptbot', ['GPTBot']],
    ['MyGPTBot/1.0', []],
    ['GPTBot2/1.0', []],
    ['GPTBot-Next/1.0', []],
    ['GPTBot_x', []],
    ['Googlebot-Image/1.0', ['Googlebot-Image']],
    ['Googlebot/2.1 (+http://www.google.com/bot.html)', ['Googlebot']],
    ['Mozilla/5.0 (compatible; Kangaroo Bot/1.0)', ['Kangaroo Bot']],
    ['Mozilla/5.0 (compatible; Kangaroo Botanics/1.0)', []],
    ['Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)', ['Sogou web spider']],
    ['A/1 (+https://example.org/GPTBot; gptbot@openai.com)', []],
    ['facebookexternalhit/1.1 Facebot Twitterbot/1.0', ['facebookexternalhit', 'Facebot', 'Twitterbot']],
    ['GPTBot/1.0 GPTBot/2.0', ['GPTBot']],
    [`${'x'.repeat(1_000)} GPTBot/1.0`, []],
    ['', []],
  ])('%s', (userAgent, tokens) => expect(claimed(userAgent)).toEqual(tokens));

  it('takes time in proportion to the text', () => {
    const startMs = performance.now();
    for (let at = 0; at < 200; at++) claimed(`${'gptbot-'.repeat(140)}${at}`);
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});

describe('the catalogue of the configuration', () => {
  it('adds, changes and removes agents', () => {
    const own = configured([
      { token: 'NewBot', class: 'archive', operator: 'New', match: 'new bot' },
      { token: 'gptbot', class: 'search', verify: { rdns: ['.openai.com'] } },
      { token: 'CCBot', remove: true },
    ]);
    expect(own.claimedBy('New Bot/1')).toMatchObject([
      { token: 'NewBot', class: 'archive', operator: 'New' },
    ]);
    expect(own.byToken('GPTBot')).toMatchObject({
      token: 'GPTBot',
      class: 'search',
      verify: { ranges: ['https://openai.com/gptbot.json'], rdns: ['.openai.com'] },
    });
    expect(own.claimedBy('CCBot/2.0')).toEqual([]);
  });

  it.each<[string, unknown, (string | number)[], RegExp]>([
    ['an agent without a class', { token: 'NewBot' }, ['catalogue', 0, 'class'], /is missing; NewBot/],
    ['a plain word', { token: 'Code', class: 'unknown' }, ['catalogue', 0, 'token'], /is a plain word/],
    [
      'the removal of an unknown one',
      { token: 'X1Bot', remove: true },
      ['catalogue', 0, 'token'],
      /not in the catalogue/,
    ],
    [
      'a suffix without a dot',
      { token: 'GPTBot', verify: { rdns: ['openai.com'] } },
      ['catalogue', 0, 'verify', 'rdns', 0],
      /with its dot/,
    ],
    [
      'a top-level domain',
      { token: 'GPTBot', verify: { rdns: ['.com'] } },
      ['catalogue', 0, 'verify', 'rdns', 0],
      /with its dot/,
    ],
    [
      'a list over http',
      { token: 'GPTBot', verify: { ranges: ['http://a.example/'] } },
      ['catalogue', 0, 'verify', 'ranges', 0],
      /https/,
    ],
  ])('refuses %s', (_, entry, path, message) => {
    const [issue] = agentsSettingsSchema.safeParse({ catalogue: [entry] }).error!.issues;
    expect(issue).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it('refuses two entries of one agent', () => {
    const { error } = agentsSettingsSchema.safeParse({
      catalogue: [{ token: 'GPTBot' }, { token: 'gptbot' }],
    });
    expect(error?.issues[0]?.message).toBe('gptbot has two entries; write one');
  });
});
