/** States of subjects, and the bit that each one has in a mask. A bit is stored in the ledger and never changes. */

export const HARD_STATES = [
  'private',
  'draft',
  'password_protected',
  'unanswered_ask',
  'deleted',
  'suspended',
  'deactivated',
  'legal',
] as const;
export const PREFERENCES = [
  'no_training',
  'no_partner_sharing',
  'no_ai_input',
  'no_archive',
  'no_search',
] as const;
export const RESTRICTED_STATES = ['explicit', 'partner_content', 'subscribers_only'] as const;

export const STATES = [...HARD_STATES, ...PREFERENCES, ...RESTRICTED_STATES] as const;
export type State = (typeof STATES)[number];
/** The states that a policy withholds by class. Hard states are withheld from every concerned class. */
export type ChosenState = (typeof PREFERENCES)[number] | (typeof RESTRICTED_STATES)[number];

/** `unset` differs from `off`: an explicit allowance is not the same as silence. */
export const SETTING_VALUES = ['on', 'off', 'unset'] as const;
export type SettingValue = (typeof SETTING_VALUES)[number];

/** A set of states: bit N is `STATES[N]`. */
export type StateMask = number;

export function maskOf(states: readonly State[]): StateMask {
  return states.reduce((mask, state) => mask | (1 << STATES.indexOf(state)), 0);
}

export function statesIn(mask: StateMask): State[] {
  return STATES.filter((_, bit) => (mask & (1 << bit)) !== 0);
}

export const HARD_MASK = maskOf(HARD_STATES);
export const PREFERENCE_MASK = maskOf(PREFERENCES);

/** What the registry knows of one subject. Hard states are on if any source says so, and are never in `off`. */
export interface SubjectStates {
  readonly on: StateMask;
  /** Preferences and restrictions that were explicitly switched off. */
  readonly off: StateMask;
}

export const NO_STATES: SubjectStates = { on: 0, off: 0 };
