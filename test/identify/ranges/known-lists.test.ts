import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/identify/address.ts';
import { KnownLists } from '../../../src/identify/ranges/known-lists.ts';
import { containsPrefix, parsePrefix } from '../../../src/identify/ranges/prefix.ts';
import { draws } from '../../support/draws.ts';
import {
  AGENTS,
  BYTESPIDER,
  COMMON,
  GOOGLE_OTHER,
  GOOGLEBOT,
  GPTBOT,
  listOf,
  SHARED,
} from './agents-for-tests.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_000 * DAY_MS;
const at = (text: string) => parseAddress(text)!;
const known = (...lists: ReturnType<typeof listOf>[]) => {
  const found = new KnownLists(AGENTS, []);
  found.use(lists);
  return found;
};

test('a range proves the operator for all of its agents', () => {
  const lists = known(listOf(COMMON, ['66.249.64.0/24', '2001:4860:4801::/48'], NOW_MS));
  expect(lists.operatorsOf(at('66.249.64.7'))).toEqual(['Google']);
  expect(lists.operatorsOf(at('2001:4860:4801:1::1'))).toEqual(['Google']);
  expect(lists.operatorsOf(at('66.249.65.7'))).toEqual([]);
});

test('a list of addresses that anyone can use proves nothing', () => {
  const lists = known(listOf(COMMON, ['66.249.64.0/24'], NOW_MS), listOf(SHARED, ['35.187.0.0/16'], NOW_MS));
  expect(lists.operatorsOf(at('35.187.0.1'))).toEqual([]);
  expect(lists.stateOf(GOOGLE_OTHER, NOW_MS)).toBe('fresh');
  expect(lists.lists.map(({ url }) => url)).not.toContain(SHARED);
});

test('an address has the operators of all lists that contain it, whatever their order and lengths', () => {
  const [google, openAi] = [COMMON, GPTBOT.verify.ranges[0]!];
  const prefix = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 22, max: 32 }))
    .map(([last, length]) => parsePrefix(`66.249.64.${last}/${length}`)!.text);
  const prefixes = fc.array(prefix, { maxLength: 8 });
  fc.assert(
    fc.property(prefixes, prefixes, fc.integer({ min: 0, max: 255 }), (a, b, last) => {
      const lists = known(listOf(google, a, NOW_MS), listOf(openAi, b, NOW_MS));
      const one = parsePrefix(`66.249.64.${last}`)!;
      const isIn = (texts: readonly string[]) =>
        texts.some((text) => containsPrefix(parsePrefix(text)!, one));
      const expected = [...(isIn(a) ? ['Google'] : []), ...(isIn(b) ? ['OpenAI'] : [])];
      expect(lists.operatorsOf(at(`66.249.64.${last}`)).toSorted()).toEqual(expected);
    }),
    { numRuns: draws(200) },
  );
});

test('lists are fresh for seven days, and stale if one is missing', () => {
  const lists = known(listOf(COMMON, ['66.249.64.0/24'], NOW_MS));
  expect(lists.stateOf(GOOGLEBOT, NOW_MS + 7 * DAY_MS - 1)).toBe('fresh');
  expect(lists.stateOf(GOOGLEBOT, NOW_MS + 7 * DAY_MS)).toBe('stale');
  expect(lists.stateOf(GPTBOT, NOW_MS)).toBe('stale');
  expect(lists.stateOf(BYTESPIDER, NOW_MS)).toBe('none');
});

test('a shipped list is used until a fetched one is known, and again with it', () => {
  const shipped = { ...listOf(COMMON, ['66.249.64.0/24'], NOW_MS - 300 * DAY_MS), isShipped: true };
  const lists = new KnownLists(AGENTS, [shipped]);
  lists.use([{ ...listOf(COMMON, null, NOW_MS), failure: 'unreachable: no route' }]);
  expect(lists.operatorsOf(at('66.249.64.7'))).toEqual(['Google']);
  expect(lists.listsOf(GOOGLEBOT)[0]).toMatchObject({ isShipped: true, failure: 'unreachable: no route' });
  expect(lists.stateOf(GOOGLEBOT, NOW_MS)).toBe('stale');
  lists.use([listOf(COMMON, ['66.249.65.0/24'], NOW_MS)]);
  expect(lists.operatorsOf(at('66.249.64.7'))).toEqual([]);
  // The store omits the prefixes that the process has.
  lists.use([{ ...listOf(COMMON, null, NOW_MS), fetchedAtMs: NOW_MS, prefixes: undefined }]);
  expect(lists.operatorsOf(at('66.249.65.7'))).toEqual(['Google']);
  expect(lists.stateOf(GOOGLEBOT, NOW_MS)).toBe('fresh');
});
