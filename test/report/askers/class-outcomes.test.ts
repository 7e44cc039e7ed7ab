import { describe, expect, it } from 'vitest';
import { classOutcomes } from '../../../src/report/askers/class-outcomes.ts';
import { type EnforcedTerms, FREE_RESOURCE } from '../../../src/rights/enforcement.ts';
import { DEFAULT_MATRIX } from '../../../src/rights/matrix.ts';
import { maskOf } from '../../../src/rights/state.ts';

const TERMS: EnforcedTerms = {
  regime: 'opt_out',
  matrix: DEFAULT_MATRIX,
  freePaths: [],
  terms: { url: 'https://platform.example/tos' },
  enforcement: {
    ...{ mode: 'enforce', classes: { search: 'shadow', archive: 'off' } },
    ...{ whenAway: [], maxStalenessSeconds: 300, conceal: true },
  },
};
const outcomeOf = (mask: number, own: string) => classOutcomes(mask, TERMS).find((one) => one.class === own);

describe('the outcome for each class', () => {
  it('follows from the row of the matrix, with the states of the row', () => {
    const mask = maskOf(['no_training', 'no_archive']);
    expect(outcomeOf(mask, 'ai_training')).toEqual({
      ...{ class: 'ai_training', mode: 'enforce', outcome: 'withheld' },
      ...{ states: ['no_training'], answer: 'reserved' },
    });
    expect(outcomeOf(mask, 'search')).toMatchObject({ outcome: 'passes', states: [], answer: null });
    expect(outcomeOf(mask, 'human')).toMatchObject({ mode: 'off', outcome: 'passes' });
  });

  it('is recorded only in the mode shadow, and nothing in the mode off', () => {
    const mask = maskOf(['private']);
    expect(outcomeOf(mask, 'search')).toMatchObject({ outcome: 'would_withhold', answer: 'not_found' });
    expect(outcomeOf(mask, 'archive')).toMatchObject({ mode: 'off', outcome: 'passes' });
  });

  it('is that a forged agent gets nothing, except on free paths', () => {
    expect(outcomeOf(0, 'forged')).toMatchObject({ outcome: 'withheld', states: [], answer: 'forged' });
    const free = classOutcomes(FREE_RESOURCE, TERMS).map(({ outcome }) => outcome);
    expect(new Set(free)).toEqual(new Set(['passes']));
  });
});
