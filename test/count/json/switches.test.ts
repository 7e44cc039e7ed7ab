import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CountMode, JsonPlan } from '../../../src/count/json/automaton/plan.ts';
import { planJson } from '../../../src/count/json/automaton/plan-json.ts';
import { compileJson } from '../../../src/count/json/compile.ts';
import { JsonScanner } from '../../../src/count/json/scanner.ts';
import { jsonSkipper } from '../../../src/count/json/skip/resumable-skipper.ts';
import { KINDS } from '../../../src/count/kinds.ts';
import { type Explain, PostCount, type SelectorRule } from '../../../src/count/post-count.ts';
import type { JsonEntry } from '../../../src/count/route/schema.ts';
import { draws } from '../../support/draws.ts';
import { planned } from '../planned.ts';
import { ruleAndBody, writeJson } from './arbitraries.ts';

const countings: Record<CountMode, Omit<SelectorRule, 'text'>> = {
  off: { kind: 'media', counts: false },
  known: { kind: 'reply', counts: false },
  each: { kind: 'post', counts: true },
  once: { kind: 'embedded', counts: true },
};

function count(
  plan: JsonPlan,
  rules: readonly SelectorRule[],
  body: Uint8Array,
  wantsIds: boolean,
  explain?: Explain,
) {
  const found = new PostCount(rules, wantsIds, explain);
  const scanner = new JsonScanner(plan, jsonSkipper, found);
  scanner.write(body);
  scanner.end();
  const { posts } = found;
  found.settle();
  return { posts, failure: scanner.failure, found: found.takeSettled() };
}

it('a plan that knows the switches counts what a plan with all rules counts', () => {
  // As many as the rules of random selectors.
  const switches = fc.array(fc.constantFrom<CountMode>('off', 'known', 'each', 'once'), {
    minLength: 4,
    maxLength: 4,
  });
  fc.assert(
    fc.property(ruleAndBody, switches, fc.boolean(), ({ rules: selectors, body }, counts, wantsIds) => {
      const bytes = Buffer.from(writeJson(body, 0));
      const rules = counts.map((counting, index) => ({ text: `${index}`, ...countings[counting] }));
      const answer = count(planJson(selectors, counts), rules, bytes, wantsIds);
      expect(answer).toEqual(count(planJson(selectors), rules, bytes, wantsIds));
    }),
    { numRuns: draws(400) },
  );
});

const entries: JsonEntry[] = [
  { json: '$.data[*]', where: 'ad is present', kind: 'none' },
  { json: '$.data[*]', where: 'reply_to is present', id: 'id', kind: 'reply' },
  { json: '$.data[*]', id: 'id', kind: 'post' },
  { json: '$.data[*].media[*]', id: 'id', kind: 'media' },
  { json: '$.data[*].quoted', id: 'id', kind: 'embedded' },
];

function planOf(...off: readonly string[]): { plan: JsonPlan; rules: SelectorRule[] } {
  const rules = entries.map(({ json, kind }) => ({
    text: json,
    kind,
    counts: kind !== 'none' && !off.includes(kind),
  }));
  const compiled = planned((problems) => compileJson(entries, rules, problems));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return { plan: compiled.plan, rules };
}

const body = Buffer.from(
  JSON.stringify({
    data: [
      { id: 1, ad: {} },
      { id: 2, reply_to: 1 },
      { id: 3, media: [{ id: 4 }], quoted: { id: 2 } },
    ],
  }),
);

it('leaves no test on items that count the same, and keeps one that takes items away', () => {
  const dfa = planOf('media', 'embedded').plan.dfa({ readsIds: false, explains: false });
  const data = dfa.start.names.list[0]!.child.any!;
  expect(data.names.list.map(({ name }) => Buffer.from(name).toString())).toEqual(['media', 'quoted', 'ad']);
  expect(data.items.map(({ rule }) => rule)).toEqual([0, 2]);
});

it.each([
  { off: ['media', 'embedded'], posts: 2 },
  { off: ['post', 'media', 'embedded'], posts: 1 },
  { off: ['reply', 'media', 'embedded'], posts: 1 },
  { off: ['embedded'], posts: 3 },
  // The quoted post is in the response itself, so that its copy does not count in its stead.
  { off: ['reply', 'media'], posts: 1 },
  { off: [...KINDS], posts: 0 },
])('without $off there are $posts', ({ off, posts }) => {
  const { plan, rules } = planOf(...off);
  expect(count(plan, rules, body, false)).toMatchObject({ posts, failure: undefined });
});

it('still explains the shape of what does not count', () => {
  const { plan, rules } = planOf(...KINDS);
  expect(count(plan, rules, Buffer.from('{"data":[{"quoted":5}]}'), false).failure).toBe('shape');
  expect(count(plan, rules, Buffer.from('{"data":5}'), false).failure).toBe('shape');
});

it('reports what each selector found if asked to explain', () => {
  const { plan, rules } = planOf('media', 'embedded');
  const outcomes: string[] = [];
  count(plan, rules, body, false, ({ kind }, outcome) => outcomes.push(`${kind} ${outcome}`));
  expect(outcomes).toEqual([
    'none switched_off',
    'reply counted',
    'media switched_off',
    'embedded switched_off',
    'post counted',
  ]);
});
