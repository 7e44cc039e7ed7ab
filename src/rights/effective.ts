/** The states that hold for a post, from those of the post itself, its author, its blog and its path. */

import { HARD_MASK, PREFERENCE_MASK, type StateMask, type SubjectStates } from './state.ts';
import { SUBJECT_KINDS, type SubjectKind } from './subject.ts';

/** What holds for a preference that no subject has set: `opt_out` permits, `opt_in` withholds. */
export type Regime = 'opt_out' | 'opt_in';

/** The states of one of the subjects that a post belongs to. */
export interface KindStates {
  readonly kind: SubjectKind;
  readonly states: SubjectStates;
}

/**
 * Hard states hold if any subject has them. Any other state is decided by the most specific kind of subject that sets
 * it; among subjects of one kind, on takes precedence. Preferences that are not set follow the regime.
 */
export function effectiveStates(found: readonly KindStates[], regime: Regime): StateMask {
  let on = 0;
  let decided = 0;
  for (const kind of SUBJECT_KINDS) {
    let kindOn = 0;
    let kindOff = 0;
    for (const { kind: itsKind, states } of found) {
      if (itsKind !== kind) continue;
      kindOn |= states.on;
      kindOff |= states.off;
    }
    on |= kindOn & (HARD_MASK | ~decided);
    decided |= kindOn | kindOff;
  }
  return regime === 'opt_in' ? on | (PREFERENCE_MASK & ~decided) : on;
}
