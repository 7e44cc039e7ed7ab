/** What a test asks of the texts that stand at its place in an item. */

import type { Where } from '../where.ts';

export interface FieldTest {
  /** Whether one of the texts is what the test names. */
  fits(text: string): boolean;
  /** Whether the item passes. */
  passes(isThere: boolean, hasFitting: boolean): boolean;
}

/**
 * As in XPath, one of several elements of a name is enough. Numbers and words are compared by their text; null is no
 * text, so that `!= null` asks whether the element is there.
 */
export function fieldTest(where: Where): FieldTest {
  switch (where.kind) {
    case 'present':
      return { fits: () => true, passes: (isThere) => isThere };
    case 'absent':
      return { fits: () => false, passes: (isThere) => !isThere };
    case 'contains':
      return { fits: (text) => text.includes(where.text), passes: (_isThere, hasFitting) => hasFitting };
    case 'equals':
      return equality(where);
  }
}

function equality({ negated, literals }: Extract<Where, { readonly kind: 'equals' }>): FieldTest {
  const texts = new Set(literals.filter((literal) => literal !== null).map(String));
  return {
    fits: (text) => texts.has(text),
    passes: (isThere, hasFitting) => (negated ? isThere && !hasFitting : hasFitting),
  };
}
