/** The decision about one resource for one asker. It depends on the asker's classes and the resource's mask alone. */

import type { Asker } from './asker.ts';
import {
  type ClassRule,
  type ClassRules,
  type EnforcedTerms,
  FREE_RESOURCE,
  type Mode,
  NOT_KNOWN,
} from './enforcement.ts';
import type { RegistryAge } from './port.ts';
import { HARD_MASK, maskOf, type StateMask } from './state.ts';

/**
 * What is sent instead of a withheld resource.
 * - `not_found`, `gone`, `forbidden`: hard states. `not_found` does not reveal that there is something.
 * - `legal`: 451 (RFC 7725).
 * - `reserved`: preferences and restrictions.
 * - `forged`: the asker claims to be an agent that it is not.
 * - `away`: the registry is not known.
 */
export const WITHHELD_ANSWERS = [
  'not_found',
  'gone',
  'forbidden',
  'legal',
  'reserved',
  'forged',
  'away',
] as const;
export type WithheldAnswer = (typeof WITHHELD_ANSWERS)[number];

type Judgement =
  | { readonly kind: 'pass' }
  /** `mode` is never `off`. `states` are the bits of the mask for which it is withheld; 0 for a forged agent. */
  | {
      readonly kind: 'withhold';
      readonly mode: Exclude<Mode, 'off'>;
      readonly states: StateMask;
      readonly isForged: boolean;
    };

type AskerClasses = Pick<Asker, 'class' | 'alsoAs'>;

const PASS: Judgement = { kind: 'pass' };
const LEGAL = maskOf(['legal']);
const DELETED = maskOf(['deleted']);

/** True if decisions about the asker depend on the states of the resource. */
export function isJudged({ class: first, alsoAs }: AskerClasses, rules: ClassRules): boolean {
  return rules[first].mode !== 'off' || (alsoAs !== undefined && rules[alsoAs].mode !== 'off');
}

/** The resource is withheld if it is withheld from either class of the asker. */
export function judge({ class: first, alsoAs }: AskerClasses, mask: StateMask, rules: ClassRules): Judgement {
  const own = judgeClass(rules[first], mask);
  if (alsoAs === undefined) return own;
  const other = judgeClass(rules[alsoAs], mask);
  if (own.kind === 'pass') return other;
  if (other.kind === 'pass') return own;
  if (own.mode !== other.mode) return own.mode === 'enforce' ? own : other;
  return { ...own, states: own.states | other.states, isForged: own.isForged || other.isForged };
}

function judgeClass({ mode, withheld, isBlocked }: ClassRule, mask: StateMask): Judgement {
  const states = mask & withheld;
  if (mode === 'off' || (mask & FREE_RESOURCE) !== 0 || (states === 0 && !isBlocked)) return PASS;
  return { kind: 'withhold', mode, states, isForged: isBlocked };
}

/** The answer to a withheld request. A state that must stay concealed outranks all others. */
export function withheldAnswer(
  { states, isForged }: Pick<Extract<Judgement, { kind: 'withhold' }>, 'states' | 'isForged'>,
  conceal: boolean,
): WithheldAnswer {
  if (isForged) return 'forged';
  const hard = states & HARD_MASK;
  if (hard === LEGAL) return 'legal';
  if (hard !== 0) return conceal ? 'not_found' : (hard & DELETED) !== 0 ? 'gone' : 'forbidden';
  return states === NOT_KNOWN ? 'away' : 'reserved';
}

/** True if the registry has been read and is not too old to decide by. */
export function isRegistryKnown(
  age: RegistryAge | null,
  { enforcement }: Pick<EnforcedTerms, 'enforcement'>,
  nowMs: number,
): boolean {
  return age !== null && nowMs - age.readAtMs <= enforcement.maxStalenessSeconds * 1000;
}

/** The mask under which a request of a free path is recorded. */
export function maskOfRequest(states: StateMask, isKnown: boolean, isFree: boolean): StateMask {
  if (isFree) return FREE_RESOURCE;
  return isKnown ? states : states | NOT_KNOWN;
}
