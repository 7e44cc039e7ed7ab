/**
 * Compiles a CSS selector. css-what parses it; of its grammar only what a stream can match is accepted. That is
 * exactly the subset of Cloudflare's HTMLRewriter (lol-html), whose engine can therefore verify the meaning of a
 * rule.
 */

import { type AttributeSelector, parse, type Selector } from 'css-what';
import { faultAt } from '../route/problem.ts';
import { CASELESS_ATTRIBUTES } from './caseless.ts';
import { type AttributeTest, type Compound, lowered, type PlaceTest } from './compound.ts';

/** A compound and its combinator to the preceding one. */
export interface Link {
  readonly compound: Compound;
  readonly isChild: boolean;
}

/** One selector of a list, from its outermost compound to the element itself. */
export type Chain = readonly Link[];

/** Real selectors have at most a dozen of either. */
const MAX_CHAINS = 64;
const MAX_LINKS = 16;

const SUPPORTED =
  'use types, .class, #id, [attribute], :not(), :nth-child(), :first-child, :nth-of-type(), :first-of-type, spaces and >';

class Refusal extends Error {
  readonly part: string;

  /** @param part of the selector that is at fault; it locates the position. */
  constructor(part: string, reason: string) {
    super(reason);
    this.part = part;
  }
}

/**
 * Parses a list of selectors.
 * @param slotOf returns the slot of an attribute's value, by its lower-case name.
 * @throws {RouteFault} with position, reason and fix.
 */
export function parseSelector(text: string, slotOf: (attribute: string) => number): readonly Chain[] {
  const lists = parsed(text);
  try {
    if (lists.length === 0) throw new Refusal('', 'is empty: use a selector such as article.post');
    if (lists.length > MAX_CHAINS)
      throw new Refusal('', `more than ${MAX_CHAINS} selectors: split the entry`);
    return lists.map((tokens) => chainOf(tokens, slotOf));
  } catch (error) {
    throw error instanceof Refusal ? faultAt(text, positionOf(text, error.part), error.message) : error;
  }
}

/** The tokens of css-what. */
function parsed(text: string): Selector[][] {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const rest = /^Unmatched selector: (.*)$/s.exec(error.message)?.[1];
    const position = rest === undefined ? 0 : text.length - rest.length;
    const reason = rest === undefined ? error.message.replace(/\.$/, '') : 'not CSS';
    throw faultAt(text, position, `${reason}; ${SUPPORTED}`);
  }
}

function chainOf(tokens: readonly Selector[], slotOf: (attribute: string) => number): Chain {
  const chain: Link[] = [];
  let compound: Selector[] = [];
  let isChild = false;
  const finish = (mark: string) => {
    if (compound.length === 0) throw new Refusal(mark, 'an element is missing next to this');
    chain.push({ compound: compoundOf(compound, slotOf, false), isChild });
    compound = [];
  };
  for (const token of tokens) {
    if (token.type === 'descendant' || token.type === 'child') {
      finish(token.type === 'child' ? '>' : '');
      isChild = token.type === 'child';
    } else compound.push(token);
  }
  finish(isChild ? '>' : '');
  if (chain.length > MAX_LINKS) throw new Refusal('', `more than ${MAX_LINKS} elements in a row: shorten it`);
  return chain;
}

function compoundOf(
  tokens: readonly Selector[],
  slotOf: (attribute: string) => number,
  isInNot: boolean,
): Compound {
  const attributes: AttributeTest[] = [];
  const places: PlaceTest[] = [];
  const not: Compound[] = [];
  let type: string | null = null;
  for (const token of tokens) {
    switch (token.type) {
      case 'tag':
        if (token.namespace !== null) throw new Refusal('|', 'namespaces are not supported; remove it');
        type = lowered(token.name);
        break;
      case 'universal':
        if (token.namespace !== null) throw new Refusal('|', 'namespaces are not supported; remove it');
        break;
      case 'attribute':
        attributes.push(attributeTest(token, slotOf));
        break;
      case 'pseudo':
        if (token.name === 'not' && Array.isArray(token.data)) {
          if (isInNot) throw new Refusal(':not', ':not() inside :not() is not supported; use one :not()');
          not.push(...token.data.map((inner) => compoundOf(inner, slotOf, true)));
        } else places.push(placeTest(token.name, token.data));
        break;
      case 'pseudo-element':
        throw new Refusal('::', `::${token.name} is not an element; ${SUPPORTED}`);
      default:
        throw combinator(token.type, isInNot);
    }
  }
  return { type, attributes, places, not };
}

function attributeTest(
  { name, namespace, action, value, ignoreCase }: AttributeSelector,
  slotOf: (attribute: string) => number,
): AttributeTest {
  if (namespace !== null) throw new Refusal('|', 'namespaces are not supported; remove it');
  if (action === 'not') throw new Refusal('!=', `!= is not CSS: write :not([${name}="${value}"])`);
  const isPart = action === 'element' || action === 'start' || action === 'end' || action === 'any';
  // Selectors Level 3, 6.3: nothing begins with, ends with or contains the empty text.
  if ((isPart && value === '') || (action === 'element' && /[ \t\n\f\r]/.test(value))) {
    throw new Refusal(
      '',
      `[${name}] with ${JSON.stringify(value)} matches nothing; use a non-empty text without spaces`,
    );
  }
  const attribute = lowered(name);
  const ignoresCase = caseOf(attribute, ignoreCase);
  return { slot: slotOf(attribute), action, value, lowerValue: lowered(value), ignoresCase };
}

/** @param asked true for `i`, false for `s`; not a boolean if the selector has neither. */
function caseOf(attribute: string, asked: AttributeSelector['ignoreCase']): AttributeTest['ignoresCase'] {
  if (asked === true) return 'always';
  return asked === null && CASELESS_ATTRIBUTES.has(attribute) ? 'in HTML' : 'never';
}

function placeTest(name: string, data: unknown): PlaceTest {
  switch (name) {
    case 'first-child':
    case 'first-of-type':
      if (data !== null) break;
      return { ofType: name === 'first-of-type', a: 0, b: 1 };
    case 'nth-child':
    case 'nth-of-type': {
      const formula = typeof data === 'string' ? readFormula(data) : undefined;
      if (formula === undefined) {
        throw new Refusal(`:${name}`, `:${name}() takes a number, odd, even or a form such as 2n+1`);
      }
      return { ofType: name === 'nth-of-type', ...formula };
    }
  }
  throw new Refusal(`:${name}`, `:${name} is not supported in a stream; ${SUPPORTED}`);
}

const FORMULA = /^(?:([+-]?\d{0,9})n(?:\s*([+-])\s*(\d{1,9}))?|([+-]?\d{1,9}))$/;

/** The form An+B of Selectors Level 3, 6.6.5.2. */
function readFormula(data: string): { a: number; b: number } | undefined {
  const text = data.trim().toLowerCase();
  if (text === 'odd') return { a: 2, b: 1 };
  if (text === 'even') return { a: 2, b: 0 };
  const form = FORMULA.exec(text);
  if (form === null) return undefined;
  const [, step, sign, offset, number] = form;
  if (number !== undefined) return { a: 0, b: Number(number) };
  const a = /\d/.test(step!) ? Number(step) : step === '-' ? -1 : 1;
  return { a, b: offset === undefined ? 0 : Number(`${sign}${offset}`) };
}

function combinator(type: string, isInNot: boolean): Refusal {
  if (isInNot && (type === 'descendant' || type === 'child')) {
    return new Refusal(':not', ':not() takes single elements; put enclosing elements outside of it');
  }
  const mark = { adjacent: '+', sibling: '~', 'column-combinator': '||', parent: '<' }[type] ?? '';
  return new Refusal(mark, `the combinator "${mark}" is not supported in a stream; ${SUPPORTED}`);
}

/** Position of the faulty part, outside of quotes and brackets; 0 if it cannot be found. */
function positionOf(text: string, part: string): number {
  const blank = (inner: string) => ' '.repeat(inner.length);
  const outside = part === '!=' ? text : text.replace(/"[^"]*"|'[^']*'|\[[^\]]*\]/g, blank);
  return part === '' ? 0 : Math.max(0, outside.toLowerCase().indexOf(part));
}
