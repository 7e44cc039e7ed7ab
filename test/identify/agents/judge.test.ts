import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/identify/address.ts';
import { explainClaim } from '../../../src/identify/agents/explain.ts';
import { type ClaimFacts, judgeClaim } from '../../../src/identify/agents/judge.ts';
import { agentKnowledge } from '../../../src/identify/agents/knowledge.ts';
import { KnownLists } from '../../../src/identify/ranges/known-lists.ts';
import {
  AGENTS,
  BYTESPIDER,
  COMMON,
  GOOGLEBOT,
  GPTBOT,
  listOf,
  SEARCHBOT,
  YANDEX,
} from '../ranges/agents-for-tests.ts';

const LISTS = ['none', 'fresh', 'stale'] as const;
const REVERSE = ['none', 'pending', 'error', 'denied', 'verified'] as const;

/** The rule of forgery as a table: rows are the lists, columns the answers of reverse DNS, for an address in no range. */
const TABLE: Record<(typeof LISTS)[number], readonly string[]> = {
  none: ['uncheckable', 'pending', 'pending', 'forged', 'verified'],
  fresh: ['forged', 'pending', 'pending', 'forged', 'verified'],
  stale: ['pending', 'pending', 'pending', 'pending', 'verified'],
};
const CASES = LISTS.flatMap((lists) =>
  REVERSE.map((reverseDns, at) => [lists, reverseDns, TABLE[lists][at]!] as const),
);

describe('a claim', () => {
  test.each(CASES)('with lists %s and reverse DNS %s is %s', (lists, reverseDns, verdict) => {
    expect(judgeClaim({ isInRange: false, lists, reverseDns }).verdict).toBe(verdict);
  });

  test.each(CASES)('from a range is verified, with lists %s and reverse DNS %s', (lists, reverseDns) => {
    const facts: ClaimFacts = { isInRange: true, lists, reverseDns };
    expect(judgeClaim(facts)).toEqual({ verdict: 'verified', by: 'range' });
  });
});

const NOW_MS = 1_000_000;
const lists = new KnownLists(AGENTS, []);
lists.use([
  listOf(COMMON, ['66.249.64.0/24'], NOW_MS),
  listOf(GPTBOT.verify.ranges[0]!, ['20.171.206.0/24'], NOW_MS),
  listOf(SEARCHBOT.verify.ranges[0]!, ['51.8.102.0/24'], NOW_MS),
]);

describe('knowledge', () => {
  const asked: string[] = [];
  const knowledge = agentKnowledge({
    lists,
    verdicts: {
      of: ({ text }) => {
        asked.push(text);
        return text.endsWith('.1') ? 'verified' : 'denied';
      },
    },
  });
  const judge = (address: string, agent = GOOGLEBOT) =>
    knowledge.judge(parseAddress(address)!, agent, NOW_MS).verdict;

  test('asks reverse DNS only if no range contains the address', () => {
    expect(judge('66.249.64.9')).toBe('verified');
    expect(asked).toEqual([]);
    expect(judge('8.8.8.1')).toBe('verified');
    expect(judge('8.8.8.9')).toBe('forged');
    expect(asked).toEqual(['8.8.8.1', '8.8.8.9']);
  });

  test('takes an address of the operator for each of its agents, and of no other operator', () => {
    expect(judge('20.171.206.5', GPTBOT)).toBe('verified');
    expect(judge('20.171.206.5', SEARCHBOT)).toBe('verified');
    expect(judge('20.171.206.5', GOOGLEBOT)).toBe('forged');
    expect(judge('66.249.64.9', GPTBOT)).toBe('forged');
    expect(knowledge.operatorsOf(parseAddress('20.171.206.5')!, NOW_MS)).toEqual(['OpenAI']);
  });

  test('cannot check an agent whose operator publishes nothing', () => {
    expect(judge('8.8.8.9', BYTESPIDER)).toBe('uncheckable');
  });

  test('of a process that may not ask DNS leaves such claims pending', () => {
    const offline = agentKnowledge({ lists, verdicts: null });
    expect(offline.judge(parseAddress('8.8.8.9')!, YANDEX, NOW_MS).verdict).toBe('pending');
    expect(offline.judge(parseAddress('8.8.8.9')!, GPTBOT, NOW_MS).verdict).toBe('forged');
  });
});

describe('an explanation', () => {
  const explain = (address: string, finding: Parameters<typeof explainClaim>[3], agent = GOOGLEBOT) =>
    explainClaim(parseAddress(address)!, agent, lists, finding, NOW_MS + 2 * 3_600_000);

  test('names the range of the address', () => {
    const check = explain('66.249.64.9', null);
    expect(check).toMatchObject({ verdict: 'verified', by: 'range', address: '66.249.64.9' });
    expect(check.steps[0]).toEqual({
      ...{ check: 'list', source: COMMON },
      finding: 'contains the address in 66.249.64.0/24; fetched 2 hours ago',
    });
  });

  test('names the names that do not lead back', () => {
    const check = explain('8.8.8.9', { result: 'denied', names: ['dns.google'] });
    expect(check).toMatchObject({ verdict: 'forged', by: null });
    expect(check.steps.map(({ finding }) => finding)).toEqual([
      'does not contain the address; fetched 2 hours ago',
      'the lists of all agents: does not contain the address',
      'found dns.google; none fits and leads back to the address',
    ]);
  });

  test('says what is missing', () => {
    expect(explain('8.8.8.9', null, YANDEX)).toMatchObject({ verdict: 'pending' });
    expect(explain('8.8.8.9', null, BYTESPIDER)).toMatchObject({ verdict: 'uncheckable' });
  });
});
