/** What each class of askers gets of a post under a policy, for people who ask why. */

import { ASKER_CLASSES, type AskerClass } from '../../rights/asker.ts';
import { judge, type WithheldAnswer, withheldAnswer } from '../../rights/decide.ts';
import { type EnforcedTerms, type Mode, rulesOf } from '../../rights/enforcement.ts';
import { type StateMask, statesIn } from '../../rights/state.ts';

/** `would_withhold`: the mode is `shadow`, so the decision is recorded and the post is sent. */
export const OUTCOMES = ['passes', 'would_withhold', 'withheld'] as const;

export interface ClassOutcome {
  readonly class: AskerClass;
  readonly mode: Mode;
  readonly outcome: (typeof OUTCOMES)[number];
  /** The states for which it is withheld. None for a forged agent, which gets nothing. */
  readonly states: ReturnType<typeof statesIn>;
  /** What is sent instead; null if it passes. */
  readonly answer: WithheldAnswer | null;
}

/** @param mask the states that hold for the post, or `FREE_RESOURCE`. */
export function classOutcomes(mask: StateMask, terms: EnforcedTerms): ClassOutcome[] {
  const rules = rulesOf(terms);
  return ASKER_CLASSES.map((own) => {
    const judgement = judge({ class: own }, mask, rules);
    const { mode } = rules[own];
    if (judgement.kind === 'pass') return { class: own, mode, outcome: 'passes', states: [], answer: null };
    return {
      class: own,
      mode,
      outcome: mode === 'enforce' ? 'withheld' : 'would_withhold',
      states: statesIn(judgement.states),
      answer: withheldAnswer(judgement, terms.enforcement.conceal),
    };
  });
}
