/** What a test asks of the texts that stand at its place in an item. */

import type { Where } from '../where.ts';

export interface FieldTest {
  /** Whether a text is what the test names. */
  fits(text: string): boolean;
  /** Whether an item passes: where a text is there, and where one of them fits. */
  passes(isThere: boolean, hasFitting: boolean): boolean;
}

const isThere = { fits: () => false, passes: (there: boolean) => there };
const isAbsent = { fits: () => false, passes: (there: boolean) => !there };

/**
 * As in XPath, one of several elements of a name is enough; `!=` and `is absent` ask all of them. Numbers and words
 * are compared by their text. Null is no text: `!= null` asks whether the element is there.
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
