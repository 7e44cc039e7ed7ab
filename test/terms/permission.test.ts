import { describe, expect, test } from 'vitest';
import { policyFaults } from '../../src/terms/contradictions.ts';
import { permissionFor, type TermsAgent } from '../../src/terms/permission.ts';
import { policy } from './policies.ts';

const GPT: TermsAgent = { token: 'GPTBot', class: 'ai_training' };
const CC: TermsAgent = { token: 'CCBot', class: 'ai_training' };
const GOOGLE: TermsAgent = { token: 'Googlebot', class: 'search' };
const IMAGES: TermsAgent = { token: 'Googlebot-Image', class: 'search' };
const OTHER: TermsAgent = { token: 'AhrefsBot', class: 'unknown' };
const AGENTS = [GPT, CC, GOOGLE, IMAGES, OTHER];

const TERMS = policy({
  purposes: { search: 'allow', ai_training: 'licence' },
  paths: [
    { path: '/open/', purposes: { ai_training: 'allow' } },
    { path: '/open/x/', purposes: { ai_training: 'licence', '*': 'deny' } },
    { path: '/search', purposes: { '*': 'deny' } },
  ],
  agents: { ccbot: 'deny', Googlebot: 'licence' },
  freePaths: ['/search/help'],
});

test.each([
  ['a purpose', 'ai_training', '/', 'licence'],
  ['a purpose that is not named', 'archive', '/', 'allow'],
  ['a longer path', 'ai_training', '/open/1', 'allow'],
  ['the stricter of two at one path', 'ai_training', '/open/x/1', 'deny'],
  ['every purpose at a path', 'archive', '/search?q', 'deny'],
  ['a free path', 'ai_input', '/search/help/1', 'allow'],
  ['an agent by its purpose', GPT, '/', 'licence'],
  ['an exception before the purpose', CC, '/', 'deny'],
  ['a path before the exception', CC, '/open/1', 'allow'],
  ['an agent that follows the exception of another', IMAGES, '/', 'licence'],
  ['an agent without a purpose', OTHER, '/search', 'allow'],
] as const)('permits by %s', (_what, party, path, expected) => {
  expect(permissionFor(TERMS, party, path)).toBe(expected);
});

describe('contradictions', () => {
  test('a permission that is less strict than another one at its path has no effect', () => {
    expect(policyFaults(TERMS, AGENTS)).toEqual([
      {
        field: 'paths.1.purposes.ai_training',
        reason: 'has no effect: licence is less strict than deny for *',
        hint: 'remove it, or name the other purposes instead of *',
      },
    ]);
    expect(policyFaults({ ...TERMS, paths: TERMS.paths.slice(0, 1) }, AGENTS)).toEqual([]);
  });

  test('an agent that is not in the catalogue is compared with those that are', () => {
    const faults = policyFaults(policy({ agents: { GPTBots: 'deny' } }), AGENTS);
    expect(faults).toEqual([
      {
        field: 'agents.GPTBots',
        reason: 'is not an agent of the catalogue',
        hint: 'did you mean GPTBot? See GET /v1/agents',
      },
    ]);
  });

  test('an allowed purpose contradicts a regime that withholds everything from it', () => {
    const given = { regime: 'opt_in', purposes: { search: 'allow', ai_training: 'licence' } } as const;
    const fields = (mode: 'shadow' | 'enforce', matrix = policy().matrix) =>
      policyFaults(policy({ ...given, matrix, enforcement: { mode } }), AGENTS).map(({ field }) => field);
    expect(fields('enforce')).toEqual(['purposes.search']);
    expect(fields('shadow')).toEqual([]);
    expect(fields('enforce', { search: [] })).toEqual([]);
  });
});
