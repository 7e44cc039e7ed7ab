/** Evaluates a test on the texts at its place in an item. */

import type { Where } from '../where.ts';

export interface FieldTest {
  /** Whether a text satisfies the test. */
  fits(text: string): boolean;
  /** Whether an item passes: `isThere` if a text is present, `hasFitting` if one of them satisfies the test. */
  passes(isThere: boolean, hasFitting: boolean): boolean;
}

const isThere = { fits: () => false, passes: (there: boolean) => there };
const isAbsent = { fits: () => false, passes: (there: boolean) => !there };

/**
 * As in XPath, one of several elements with the same name suffices; `!=` and `is absent` apply to all of them.
 * Numbers and words are compared as text. Null is the absence of a text: `!= null` tests whether the element is
 * present.
 */
export function fieldTest(where: Where): FieldTest {
  switch (where.kind) {
    case 'present':
      return isThere;
    case 'absent':
      return isAbsent;
    case 'contains':
      return { fits: (text) => text.includes(where.text), passes: (_there, fitting) => fitting };
    case 'equals': {
      const texts = new Set(where.literals.filter((literal) => literal !== null).map(String));
      const passes: FieldTest['passes'] = where.negated
        ? (there, fitting) => there && !fitting
        : (_there, fitting) => fitting;
      return { fits: (text) => texts.has(text), passes };
    }
  }
}
