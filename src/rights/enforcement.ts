/** What a policy enforces: for each class of askers the mode, and the states that are withheld from it. */

import { ASKER_CLASSES, type AskerClass } from './asker.ts';
import { type ConcernedClass, type Matrix, UNCONCERNED_CLASSES, withheldMasks } from './matrix.ts';
import type { StateMask } from './state.ts';

/** `shadow` decides and records like `enforce`, but withholds nothing. */
export const MODES = ['off', 'shadow', 'enforce'] as const;
export type Mode = (typeof MODES)[number];

/** The part of a policy from which decisions about requests follow. */
export interface EnforcedTerms {
  readonly regime: 'opt_out' | 'opt_in';
  readonly matrix: Matrix;
  /** Normalised path prefixes that are never withheld. */
  readonly freePaths: readonly string[];
  readonly terms: { readonly url: string };
  readonly enforcement: {
    readonly mode: Mode;
    readonly classes: Readonly<Partial<Record<ConcernedClass, Mode>>>;
    /** Classes that are refused while the registry is not known. */
    readonly whenAway: readonly ConcernedClass[];
    readonly maxStalenessSeconds: number;
    readonly conceal: boolean;
  };
}

// Bits of a resource's mask besides its states (src/rights/state.ts). A decision depends only on the asker and the mask.

/** The path is never withheld. */
export const FREE_RESOURCE: StateMask = 1 << 28;
/** The states were not looked up, because the mode of the class was `off`. */
export const NOT_EVALUATED: StateMask = 1 << 29;
/** The registry was not known or too old, or the platform's page could not be read. */
export const NOT_KNOWN: StateMask = 1 << 30;

const UNCONCERNED: ReadonlySet<string> = new Set(UNCONCERNED_CLASSES);

/** True if the class receives the platform's own bytes, whatever the states are. */
export function isUnconcerned(asker: AskerClass): boolean {
  return UNCONCERNED.has(asker);
}

export interface ClassRule {
  readonly mode: Mode;
  /** The bits of a mask that are withheld from the class. */
  readonly withheld: StateMask;
  /** True if everything except free paths is withheld from the class: forged agents. */
  readonly isBlocked: boolean;
}

export type ClassRules = Readonly<Record<AskerClass, ClassRule>>;

/** The rules of each class. The mode of unconcerned classes is `off`. */
export function classRules({
  matrix,
  enforcement,
}: Pick<EnforcedTerms, 'matrix' | 'enforcement'>): ClassRules {
  const masks = withheldMasks(matrix);
  const whenAway: readonly string[] = enforcement.whenAway;
  const ruleOf = (asker: AskerClass): ClassRule => {
    if (isUnconcerned(asker)) return { mode: 'off', withheld: 0, isBlocked: false };
    return {
      mode: enforcement.classes[asker as ConcernedClass] ?? enforcement.mode,
      withheld: masks[asker] | (whenAway.includes(asker) ? NOT_KNOWN : 0),
      isBlocked: asker === 'forged',
    };
  };
  return Object.fromEntries(ASKER_CLASSES.map((asker) => [asker, ruleOf(asker)])) as Record<
    AskerClass,
    ClassRule
  >;
}

const rulesByTerms = new WeakMap<EnforcedTerms, ClassRules>();

/** `classRules`, computed once for each policy object. */
export function rulesOf(terms: EnforcedTerms): ClassRules {
  let rules = rulesByTerms.get(terms);
  if (rules === undefined) {
    rules = classRules(terms);
    rulesByTerms.set(terms, rules);
  }
  return rules;
}
