/** The matrix of a policy: which states are withheld from which class of askers. */

import { ASKER_CLASSES, type AskerClass } from './asker.ts';
import { type ChosenState, HARD_MASK, maskOf, type StateMask } from './state.ts';

/** The classes that receive the platform's own bytes, whatever the states are. */
export const UNCONCERNED_CLASSES = ['first_party', 'human'] as const;
export type ConcernedClass = Exclude<AskerClass, (typeof UNCONCERNED_CLASSES)[number]>;

/** The states that are withheld from each class, besides the hard ones. */
export type Matrix = Partial<Record<ConcernedClass, ChosenState[]>>;

const RESTRICTED: ChosenState[] = ['explicit', 'partner_content', 'subscribers_only'];

export const DEFAULT_MATRIX: Matrix = {
  search: ['no_search'],
  ai_input: ['no_partner_sharing', 'no_ai_input', ...RESTRICTED],
  ai_training: ['no_training', 'no_partner_sharing', ...RESTRICTED],
  archive: ['no_archive'],
  partner: ['no_training', 'no_partner_sharing', 'no_ai_input', ...RESTRICTED],
};

/** The mask of what each class does not receive. Hard states are in the mask of every class but the unconcerned ones. */
export function withheldMasks(matrix: Matrix): Readonly<Record<AskerClass, StateMask>> {
  const maskFor = (asker: AskerClass): StateMask =>
    asker === 'first_party' || asker === 'human' ? 0 : HARD_MASK | maskOf(matrix[asker] ?? []);
  const masks = ASKER_CLASSES.map((asker) => [asker, maskFor(asker)]);
  return Object.fromEntries(masks) as Record<AskerClass, StateMask>;
}
