import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ASKER_CLASSES, type AskerClass } from '../../src/rights/asker.ts';
import { judge } from '../../src/rights/decide.ts';
import {
  classRules,
  type EnforcedTerms,
  FREE_RESOURCE,
  MODES,
  NOT_EVALUATED,
  NOT_KNOWN,
} from '../../src/rights/enforcement.ts';
import type { ConcernedClass } from '../../src/rights/matrix.ts';
import { maskOf, PREFERENCES, RESTRICTED_STATES, STATES } from '../../src/rights/state.ts';
import { type Exposure, forecast } from '../../src/rights/what-if.ts';
import { draws } from '../support/draws.ts';

const CONCERNED = ASKER_CLASSES.filter(
  (one): one is ConcernedClass => one !== 'human' && one !== 'first_party',
);
const mode = fc.constantFrom(...MODES);
const matrix = fc.dictionary(
  fc.constantFrom(...CONCERNED),
  fc.subarray([...PREFERENCES, ...RESTRICTED_STATES]),
) as fc.Arbitrary<EnforcedTerms['matrix']>;
const enforcement = fc.record({
  mode,
  classes: fc.dictionary(fc.constantFrom(...CONCERNED), mode) as fc.Arbitrary<
    EnforcedTerms['enforcement']['classes']
  >,
  whenAway: fc.subarray(CONCERNED),
  maxStalenessSeconds: fc.constant(300),
  conceal: fc.boolean(),
});
const request = fc.record({
  clientId: fc.constantFrom('', 'acme', 'openai'),
  class: fc.constantFrom(...ASKER_CLASSES),
  alsoAs: fc.option(fc.constantFrom<AskerClass>('search', 'unknown', 'ai_training')),
  route: fc.constantFrom('/a', '/b'),
  mask: fc
    .tuple(fc.subarray([...STATES]), fc.constantFrom(0, FREE_RESOURCE, NOT_KNOWN))
    .map(([states, bit]) => maskOf(states) | bit),
  posts: fc.nat({ max: 50 }),
});

/** What a gateway records of the requests under these rules: one exposure per answer. */
function run(
  requests: Array<Omit<Exposure, 'isWithheld' | 'answers'>>,
  rules: ReturnType<typeof classRules>,
): Exposure[] {
  return requests.map((one) => {
    const asker = one.alsoAs === null ? { class: one.class } : { class: one.class, alsoAs: one.alsoAs };
    const judgement = judge(asker, one.mask, rules);
    const isWithheld = judgement.kind === 'withhold' && judgement.mode === 'enforce';
    return { ...one, isWithheld, answers: 1, posts: isWithheld ? 0 : one.posts };
  });
}

it("shadow's forecast equals what enforcing then withholds, to the item, by class, route and client", () => {
  fc.assert(
    fc.property(
      fc.array(request, { maxLength: 30 }),
      matrix,
      enforcement,
      enforcement,
      (requests, row, terms, before) => {
        const rules = classRules({ matrix: row, enforcement: terms });
        const shadow = run(
          requests,
          classRules({ matrix: row, enforcement: { ...before, mode: 'shadow', classes: {} } }),
        );
        const enforced = run(requests, rules);
        const tried = forecast(shadow, rules);
        const done = forecast(enforced, rules);
        expect(tried.total.wouldWithhold).toBe(done.total.withheld);
        expect(tried.total.posts - tried.total.wouldWithholdPosts).toBe(done.total.posts);
        for (const by of ['byClass', 'byRoute', 'byClient'] as const) {
          const forecasts = [...tried[by]].map(([key, sums]) => [key, sums.wouldWithhold]);
          expect(forecasts).toEqual([...done[by]].map(([key, sums]) => [key, sums.withheld]));
        }
      },
    ),
    { numRuns: draws(500) },
  );
});

it('says how many answers had no states looked up', () => {
  const one = {
    clientId: '',
    class: 'search',
    alsoAs: null,
    route: '/a',
    isWithheld: false,
    answers: 3,
    posts: 9,
  } as const;
  const rules = classRules({
    matrix: {},
    enforcement: { mode: 'enforce', classes: {}, whenAway: [], maxStalenessSeconds: 300, conceal: true },
  });
  const { total } = forecast(
    [
      { ...one, mask: NOT_EVALUATED },
      { ...one, mask: 0 },
    ],
    rules,
  );
  expect(total).toMatchObject({ answers: 6, unread: 3, wouldWithhold: 0 });
});
