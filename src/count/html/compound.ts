/** One compound of a selector (`li.post[lang|=en]:not(.ad)`), and whether it matches an element. */

/** The conditions that a compound sets for an element. */
export interface Compound {
  /** In lower case; null for any element. */
  readonly type: string | null;
  readonly attributes: readonly AttributeTest[];
  readonly places: readonly PlaceTest[];
  /** None of these may match. */
  readonly not: readonly Compound[];
}

export interface AttributeTest {
  /** Index of the attribute's value in the values of an element. */
  readonly slot: number;
  readonly action: 'exists' | 'equals' | 'element' | 'start' | 'end' | 'any' | 'hyphen';
  /** Not empty for a partial match, and a single word for a word match. */
  readonly value: string;
  readonly lowerValue: string;
  readonly ignoresCase: 'always' | 'in HTML' | 'never';
}

/** `:nth-child(an+b)`, or `:nth-of-type(an+b)`. */
export interface PlaceTest {
  readonly ofType: boolean;
  readonly a: number;
  readonly b: number;
}

/** An element as described by its start tag. */
export interface ElementDescription {
  readonly name: string;
  /** True for SVG and MathML. */
  readonly isForeign: boolean;
  readonly place: number;
  readonly placeOfType: number;
}

/** @param values of the attributes that selectors name, by slot; null if the element does not have it. */
export function fits(
  compound: Compound,
  element: ElementDescription,
  values: ReadonlyArray<string | null>,
): boolean {
  if (compound.type !== null && compound.type !== element.name) return false;
  for (const test of compound.attributes) {
    const value = values[test.slot]!;
    if (value === null || !passes(test, value, element.isForeign)) return false;
  }
  for (const { ofType, a, b } of compound.places) {
    if (!isAt(ofType ? element.placeOfType : element.place, a, b)) return false;
  }
  for (const other of compound.not) if (fits(other, element, values)) return false;
  return true;
}

function passes(test: AttributeTest, actual: string, isForeign: boolean): boolean {
  const { action } = test;
  if (action === 'exists') return true;
  const ignoresCase = test.ignoresCase === 'always' || (test.ignoresCase === 'in HTML' && !isForeign);
  const text = ignoresCase ? lowered(actual) : actual;
  const value = ignoresCase ? test.lowerValue : test.value;
  switch (action) {
    case 'equals':
      return text === value;
    case 'element':
      return hasWord(text, value);
    case 'hyphen':
      return text.startsWith(value) && (text.length === value.length || text[value.length] === '-');
    case 'start':
      return text.startsWith(value);
    case 'end':
      return text.endsWith(value);
    case 'any':
      return text.includes(value);
  }
}

const HAS_UPPER = /[A-Z]/;

/** Lower-cases ASCII only, as CSS defines case-insensitivity. */
export function lowered(text: string): string {
  return HAS_UPPER.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    const begins = at === 0 || isHtmlSpace(text.charCodeAt(at - 1));
    if (begins && (end === text.length || isHtmlSpace(text.charCodeAt(end)))) return true;
  }
  return false;
}

/** Whether a character separates words in HTML: space, tab, line feed, form feed or carriage return. */
export function isHtmlSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b);
}

function isAt(place: number, a: number, b: number): boolean {
  return a === 0 ? place === b : (place - b) % a === 0 && (place - b) / a >= 0;
}
