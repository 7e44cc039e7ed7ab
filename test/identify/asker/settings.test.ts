import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import { reloadConfig } from '../../../src/config/reload.ts';
import type { Config } from '../../../src/config/schema.ts';

const problemsOf = (config: unknown): string[] => {
  const result = parseConfig(JSON.stringify(config));
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path} ${message}`);
};
const configOf = (config: unknown): Config => {
  const result = parseConfig(JSON.stringify(config));
  if (!result.ok) throw new Error('the configuration is valid');
  return result.config;
};

describe('the settings of askers', () => {
  it('have defaults under which the platform gets the same requests as without them', () => {
    const { agents, identify, upstream } = configOf({});
    expect([agents.catalogue, agents.grace]).toEqual([[], { requests: 20, seconds: 10 }]);
    expect([identify.humanMaxPosts, identify.sessions]).toEqual([10_000, []]);
    expect(upstream.agentHeader).toBeUndefined();
  });

  it.each<[unknown, RegExp]>([
    [
      { identify: { sessions: [{ cookie: '*_session' }] } },
      /^identify\.sessions\[0\]\.cookie must not begin with/,
    ],
    [
      { identify: { sessions: [{ cookie: 'a*b*' }] } },
      /^identify\.sessions\[0\]\.cookie must not begin with/,
    ],
    [
      { identify: { sessions: [{ header: 'X Session' }] } },
      /^identify\.sessions\[0\]\.header is not the name/,
    ],
    [{ identify: { humanMaxPosts: -1 } }, /^identify\.humanMaxPosts /],
    [{ agents: { grace: { seconds: 3_601 } } }, /^agents\.grace\.seconds /],
    [
      { agents: { catalogue: [{ token: 'NewBot' }] } },
      /^agents\.catalogue\[0\]\.class is missing; NewBot is not in/,
    ],
    [{ upstream: { agentHeader: 'Cookie' } }, /^upstream\.agentHeader is a header with its own meaning/],
    [
      { upstream: { agentHeader: 'X-Who', clientHeader: 'x-who' } },
      /^upstream\.agentHeader is the name of clientHeader too/,
    ],
  ])('are refused with path, reason and fix: %j', (config, problem) => {
    expect(problemsOf(config)).toEqual([expect.stringMatching(problem)]);
  });

  it('apply to a running process, except the catalogue and the grace', () => {
    const after = configOf({
      identify: { humanMaxPosts: 1 },
      upstream: { agentHeader: 'X-Who' },
      agents: { catalogue: [{ token: 'GPTBot', remove: true }], grace: { requests: 1 } },
    });
    expect(reloadConfig(configOf({}), after)).toMatchObject({
      applied: ['upstream.agentHeader', 'identify'],
      needRestart: ['agents.catalogue', 'agents.grace'],
    });
  });
});
