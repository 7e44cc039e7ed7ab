import { expect, test } from 'vitest';
import { combineRules } from '../../../src/terms/robots/combine.ts';

const MANY = Array.from({ length: 2_001 }, (_, at) => ({ pattern: `/${at}`, isAllowed: false }));
const SEARCH = [
  { path: '/', permission: undefined },
  { path: '/search', permission: 'deny' },
  { path: '/search/help', permission: 'allow' },
] as const;

test('of very many rules, those of other paths stay, and exceptions within what is forbidden are left out', () => {
  const copied = combineRules(MANY, SEARCH, false);
  expect(copied).toHaveLength(MANY.length + 1);
  expect(copied[0]).toEqual({ pattern: '/search', isAllowed: false });
  expect(copied).toEqual(expect.arrayContaining([MANY[0]]));
  expect(combineRules([...MANY, { pattern: '/search/everything', isAllowed: true }], SEARCH, true)).toEqual([
    { pattern: `/search${'*'.repeat(12)}`, isAllowed: false },
  ]);
  expect(combineRules(MANY, [{ path: '/', permission: 'deny' }], false)).toEqual([
    { pattern: '/', isAllowed: false },
  ]);
});
