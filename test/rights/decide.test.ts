import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASKER_CLASSES, type AskerClass } from '../../src/rights/asker.ts';
import { judge, withheldAnswer } from '../../src/rights/decide.ts';
import {
  classRules,
  type EnforcedTerms,
  FREE_RESOURCE,
  MODES,
  NOT_EVALUATED,
  NOT_KNOWN,
} from '../../src/rights/enforcement.ts';
import { DEFAULT_MATRIX } from '../../src/rights/matrix.ts';
import { HARD_STATES, maskOf, STATES, type State, statesIn } from '../../src/rights/state.ts';
import { draws } from '../support/draws.ts';

type Enforcement = EnforcedTerms['enforcement'];

const ENFORCED: Enforcement = {
  mode: 'enforce',
  classes: {},
  whenAway: ['partner', 'ai_training'],
  maxStalenessSeconds: 300,
  conceal: true,
};
const rules = (changed: Partial<Enforcement> = {}, matrix = DEFAULT_MATRIX) =>
  classRules({ matrix, enforcement: { ...ENFORCED, ...changed } });

/** The answer to an enforced request; the mode in shadow; `pass`. */
function outcome(own: AskerClass, mask: number, changed: Partial<Enforcement> = {}, alsoAs?: AskerClass) {
  const judgement = judge(
    alsoAs === undefined ? { class: own } : { class: own, alsoAs },
    mask,
    rules(changed),
  );
  if (judgement.kind === 'pass') return 'pass';
  if (judgement.mode === 'shadow') return 'shadow';
  return withheldAnswer(judgement, changed.conceal ?? true);
}

describe('the decision', () => {
  it.each<[AskerClass, State[], string]>([
    ['search', [], 'pass'],
    ['search', ['no_training'], 'pass'],
    ['search', ['no_search'], 'reserved'],
    ['search', ['private'], 'not_found'],
    ['user_fetch', ['no_ai_input'], 'pass'],
    ['user_fetch', ['deleted'], 'not_found'],
    ['ai_input', ['no_ai_input'], 'reserved'],
    ['ai_input', ['no_training'], 'pass'],
    ['ai_training', ['no_training'], 'reserved'],
    ['ai_training', ['explicit'], 'reserved'],
    ['ai_training', ['legal'], 'legal'],
    ['ai_training', ['legal', 'private'], 'not_found'],
    ['ai_training', ['no_training', 'draft'], 'not_found'],
    ['archive', ['no_archive'], 'reserved'],
    ['archive', ['explicit'], 'pass'],
    ['partner', ['no_partner_sharing'], 'reserved'],
    ['developer', ['no_partner_sharing'], 'pass'],
    ['developer', ['suspended'], 'not_found'],
    ['unknown', ['no_training'], 'pass'],
    ['unknown', ['unanswered_ask'], 'not_found'],
    ['forged', [], 'forged'],
    ['forged', ['private'], 'forged'],
    ['human', ['private', 'legal'], 'pass'],
    ['first_party', ['deleted', 'no_training'], 'pass'],
  ])('for %s of %j is %s', (own, states, expected) => {
    expect(outcome(own, maskOf(states))).toBe(expected);
  });

  it.each<[State[], string]>([
    [['deleted'], 'gone'],
    [['deleted', 'private'], 'gone'],
    [['private'], 'forbidden'],
    [['legal'], 'legal'],
    [['legal', 'private'], 'forbidden'],
  ])('without concealment answers %j with %s', (states, expected) => {
    expect(outcome('search', maskOf(states), { conceal: false })).toBe(expected);
  });

  it.each<[AskerClass, string]>([
    ['partner', 'away'],
    ['ai_training', 'away'],
    ['search', 'pass'],
    ['human', 'pass'],
    ['forged', 'forged'],
  ])('for %s without a known registry is %s', (own, expected) => {
    expect(outcome(own, NOT_KNOWN)).toBe(expected);
  });

  it('names the known reason before the unknown registry', () => {
    expect(outcome('partner', NOT_KNOWN | maskOf(['no_training']))).toBe('reserved');
  });

  it('withholds from an unproven claim what either class must not have', () => {
    expect(outcome('ai_training', maskOf(['no_search']), {}, 'search')).toBe('reserved');
    expect(outcome('ai_training', maskOf(['no_training']), {}, 'unknown')).toBe('reserved');
    expect(outcome('ai_training', maskOf(['no_archive']), {}, 'unknown')).toBe('pass');
  });

  it('enforces the class that is enforced, if the other one is in shadow mode', () => {
    const changed = { classes: { ai_training: 'shadow' as const } };
    expect(outcome('ai_training', maskOf(['no_training']), changed, 'search')).toBe('shadow');
    expect(outcome('ai_training', maskOf(['private']), changed, 'search')).toBe('not_found');
  });

  it('withholds nothing of a free path', () => {
    for (const own of ASKER_CLASSES) expect(outcome(own, FREE_RESOURCE | maskOf(STATES))).toBe('pass');
  });

  it('agrees with a slow reading of the matrix', () => {
    const someStates = fc.subarray([...STATES]);
    const someMode = fc.constantFrom(...MODES);
    fc.assert(
      fc.property(
        fc.constantFrom(...ASKER_CLASSES),
        fc.option(fc.constantFrom<AskerClass>('search', 'unknown', 'ai_training', 'forged')),
        someStates,
        someMode,
        fc.record({ search: someMode, ai_training: someMode, forged: someMode }),
        (own, other, states, mode, classes) => {
          const asker = other === null ? { class: own } : { class: own, alsoAs: other };
          const changed = { mode, classes };
          const judgement = judge(asker, maskOf(states), rules(changed));
          const verdicts = (other === null ? [own] : [own, other]).map((one) =>
            slowMode(one, states, changed),
          );
          const expected = verdicts.includes('enforce')
            ? 'enforce'
            : verdicts.includes('shadow')
              ? 'shadow'
              : 'pass';
          expect(judgement.kind === 'pass' ? 'pass' : judgement.mode).toBe(expected);
        },
      ),
      { numRuns: draws(2_000) },
    );
  });

  it('never withholds less because of more states', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ASKER_CLASSES),
        fc.subarray([...STATES]),
        fc.subarray([...STATES]),
        (own, some, more) => {
          const few = judge({ class: own }, maskOf(some), rules());
          const all = judge({ class: own }, maskOf([...some, ...more]), rules());
          if (few.kind === 'withhold') expect(all.kind).toBe('withhold');
        },
      ),
      { numRuns: draws(500) },
    );
  });

  it('has bits of its own beside those of the states', () => {
    for (const bit of [FREE_RESOURCE, NOT_EVALUATED, NOT_KNOWN]) {
      expect(bit).toBeGreaterThan(0);
      expect(statesIn(bit)).toEqual([]);
    }
  });
});

/** The mode in which the states are withheld from the class; `pass` if they are not. */
function slowMode(
  own: AskerClass,
  states: State[],
  { mode, classes }: Pick<Enforcement, 'mode' | 'classes'>,
) {
  if (own === 'human' || own === 'first_party') return 'pass';
  const inForce = classes[own] ?? mode;
  if (inForce === 'off') return 'pass';
  if (own === 'forged') return inForce;
  const row: readonly State[] = DEFAULT_MATRIX[own] ?? [];
  const isWithheld = states.some(
    (state) => row.includes(state) || HARD_STATES.some((hard) => hard === state),
  );
  return isWithheld ? inForce : 'pass';
}
