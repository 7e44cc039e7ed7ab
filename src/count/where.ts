/** Reads the test on a member of an item: `kind == "t3"`, `data.kind != null`, `type in ["post", "reply"]`. */

import { parseJsonPath } from './json/path.ts';

export type Literal = string | number | boolean | null;

export interface Where {
  /** The names on the way from the item to the member. */
  readonly member: readonly string[];
  /** `!=`: the member is there and equals none of the literals. A member that is missing never passes. */
  readonly negated: boolean;
  readonly literals: readonly Literal[];
}

export type WhereResult =
  | { readonly ok: true; readonly where: Where }
  | { readonly ok: false; readonly message: string };

/** Longest literal in bytes: a string under test is held up to the longest. */
const MAX_LITERAL_BYTES = 256;

const PLAIN_NAMES = /^[^.[\]"'*]+(?:\.[^.[\]"'*]+)*$/;
const FORM = /^\s*((?:[^\s"'=!]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+)\s*(==|!=|\bin\b)\s*(.+?)\s*$/s;

/** Reads a test. The message of a fault holds position and mend. */
export function parseWhere(text: string): WhereResult {
  const form = FORM.exec(text);
  if (form === null) {
    return refuse(text, 1, 'not a test: write member == "value", member != null or member in ["a", "b"]');
  }
  const [, memberText, operator, literalText] = form;
  const member = namesOf(memberText!);
  if (typeof member === 'string') return refuse(text, 1, member);
  const isList = operator!.trim() === 'in';
  const literals = literalsOf(literalText!, isList);
  if (literals === undefined) {
    const wanted = isList
      ? 'a list such as ["a", "b"]'
      : 'a string in double quotes, number, true, false or null';
    return refuse(
      text,
      text.lastIndexOf(literalText!) + 1,
      `expected ${wanted} of at most ${MAX_LITERAL_BYTES} bytes`,
    );
  }
  return { ok: true, where: { member, negated: operator === '!=', literals } };
}

/** The names of a member; a text is what is wrong with it. */
function namesOf(text: string): readonly string[] | string {
  // Names such as $type and @id are common, and no shorthand of RFC 9535.
  if (PLAIN_NAMES.test(text)) return text.split('.');
  const path = parseJsonPath(text.startsWith('[') ? `$${text}` : `$.${text}`);
  if (!path.ok) return `the member is not a name or names with dots (${path.message})`;
  const names = path.steps.flatMap((step) => (step.kind === 'name' ? [step.name] : []));
  return names.length === path.steps.length ? names : '[*] has no place in a member: name one';
}

function literalsOf(text: string, isList: boolean): readonly Literal[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (isList !== Array.isArray(value)) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > 100 || !list.every(isLiteral)) return undefined;
  return list;
}

function isLiteral(value: unknown): value is Literal {
  if (typeof value === 'string') return new TextEncoder().encode(value).length <= MAX_LITERAL_BYTES;
  return value === null || typeof value === 'boolean' || Number.isFinite(value);
}

function refuse(text: string, position: number, reason: string): { ok: false; message: string } {
  return { ok: false, message: `${JSON.stringify(text)} at position ${position}: ${reason}` };
}
