/**
 * Parses and evaluates the test on a member of an item: `kind == "t3"`, `data.kind != null`, `type in ["post",
 * "reply"]`, `reblog is present`.
 */

import { parseJsonPath } from './json/automaton/path.ts';
import { parsedJson } from './json/parsed-json.ts';
import { faultAt, RouteFault, RouteProblems } from './route/problem.ts';

export type Literal = string | number | boolean | null;

/** A test; `member` is the names that lead from the item to the member. */
export type Where = { readonly member: readonly string[] } & (
  | {
      readonly kind: 'equals';
      /** `!=`: the member is present and equals none of the literals. A missing member never passes. */
      readonly negated: boolean;
      readonly literals: readonly Literal[];
      /** Compares the elements of a list at the member; one must pass. */
      readonly ofElements?: true;
    }
  /** Null counts as absent: many platforms write it for a member without a value. */
  | { readonly kind: 'present' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'contains'; readonly text: string }
);

/** Maximum length of a literal in bytes: a string under test is held up to the longest literal. */
const MAX_LITERAL_BYTES = 256;
/** Maximum number of names of a member; real ones have one to three. */
const MAX_NAMES = 32;

const PLAIN_NAMES = /^[^.[\]"'*]+(?:\.[^.[\]"'*]+)*$/;
const FORM =
  /^\s*((?:[^\s"'=!]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+)(?:\s*(==|!=)|\s+(in|is|contains)\b)\s*(.+?)\s*$/s;

/** Parses a test. @throws {RouteFault} with position and fix. */
export function parseWhere(text: string): Where {
  const form = FORM.exec(text);
  if (form === null) {
    throw faultAt(
      text,
      0,
      'not a test: use member == "value", member != null, member in ["a", "b"], member contains "text" or member is present',
    );
  }
  const [, memberText, sign, word, valueText] = form;
  const member = namesIn(memberText!);
  if (typeof member === 'string') throw faultAt(text, 0, member);
  const where = testOf(member, (sign ?? word)!, valueText!);
  if (typeof where !== 'string') return where;
  throw faultAt(text, text.lastIndexOf(valueText!), `expected ${where}`);
}

/** Parses the operator and its value; a string result is the expected value. */
function testOf(member: readonly string[], operator: string, text: string): Where | string {
  const bound = `of at most ${MAX_LITERAL_BYTES} bytes`;
  if (operator === 'is') {
    return text === 'present' || text === 'absent' ? { kind: text, member } : 'present or absent';
  }
  const literals = literalsOf(text, operator === 'in');
  if (operator === 'contains') {
    const [part] = literals ?? [];
    const isText = typeof part === 'string' && part !== '';
    return isText ? { kind: 'contains', member, text: part } : `a string in double quotes ${bound}`;
  }
  if (literals !== undefined) return { kind: 'equals', member, negated: operator === '!=', literals };
  return operator === 'in'
    ? `a list such as ["a", "b"] ${bound}`
    : `a string in double quotes, number, true, false or null ${bound}`;
}

/** The names of a member such as `data.kind` or `['a.b'].c`. @throws {RouteFault} */
export function parseMember(text: string): readonly string[] {
  const names = namesIn(text);
  if (typeof names === 'string') throw new RouteFault(`${JSON.stringify(text)}: ${names}`);
  return names;
}

/** A string result is an error message. */
function namesIn(text: string): readonly string[] | string {
  // Names such as $type, @id and thr:in-reply-to are common but are not RFC 9535 shorthands.
  if (PLAIN_NAMES.test(text)) {
    const names = text.split('.');
    return names.length <= MAX_NAMES ? names : `more than ${MAX_NAMES} names: shorten the member`;
  }
  const problems = new RouteProblems();
  const steps = problems.read([], () => parseJsonPath(text.startsWith('[') ? `$${text}` : `$.${text}`));
  if (steps === null) return `the member is not a name or names with dots (${problems.list[0]!.message})`;
  const names = steps.flatMap((step) => (step.kind === 'name' && !step.deep ? [step.name] : []));
  return names.length === steps.length && names.length > 0
    ? names
    : '[*], [:] and .. are not allowed in a member: use names';
}

function literalsOf(text: string, isList: boolean): readonly Literal[] | undefined {
  const value = parsedJson(text);
  if (isList !== Array.isArray(value)) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > 100 || !list.every(isLiteral)) return undefined;
  return list;
}

function isLiteral(value: unknown): value is Literal {
  if (typeof value === 'string') return new TextEncoder().encode(value).length <= MAX_LITERAL_BYTES;
  return value === null || typeof value === 'boolean' || Number.isFinite(value);
}

/**
 * Evaluates a test on the complete value of a member.
 * @param value of the member; undefined if it is missing.
 */
export function valuePasses(where: Where, value: unknown): boolean {
  const isThere = value !== undefined && value !== null;
  switch (where.kind) {
    case 'present':
      return isThere;
    case 'absent':
      return !isThere;
    case 'contains':
      return typeof value === 'string' && value.includes(where.text);
    case 'equals': {
      if (value === undefined) return false;
      const plain = typeof value === 'bigint' ? Number(value) : value;
      return where.literals.some((literal) => literal === plain) !== where.negated;
    }
  }
}
