/**
 * A pattern that matches a whole line: literal text, with * for any run of characters. It is not a regular
 * expression, so the time is linear in the length of the line: each literal is searched once, from left to right.
 */

import { RouteFault } from '../route/problem.ts';

/** Maximum number of bytes of a line that are tested. */
export const MAX_LINE_BYTES = 1_024;
/** Maximum length of a pattern in characters; real ones have 3 to 30. */
const MAX_PATTERN_LENGTH = 256;

/** The literals, in UTF-8; any text may be between two of them. */
export type LinePattern = readonly Uint8Array[];

const encoder = new TextEncoder();

/** Parses a pattern such as `## *` or `From *`; \* is an asterisk and \\ a backslash. @throws {RouteFault} */
export function parseLinePattern(text: string): LinePattern {
  if (text.trim() === '') throw fault(text, 'is empty: use the line that begins a post, such as "# *"');
  if (text.length > MAX_PATTERN_LENGTH) throw fault(text, `is longer than ${MAX_PATTERN_LENGTH} characters`);
  if (/[\r\n]/.test(text)) throw fault(text, 'contains a line break: a pattern matches one line');
  const literals = [''];
  for (const [part] of text.matchAll(/\\.|[^\\]|\\/gsu)) {
    if (part === '*') literals.push('');
    else if (part === '\\*' || part === '\\\\') literals.push(literals.pop()! + part[1]!);
    else if (part.startsWith('\\')) throw fault(text, 'has a single backslash: write \\* or \\\\');
    else literals.push(literals.pop()! + part);
  }
  return literals.map((literal) => encoder.encode(literal));
}

function fault(text: string, reason: string): RouteFault {
  return new RouteFault(`${JSON.stringify(text)} ${reason}`);
}

/** Whether the whole line matches: the bytes of `text` from `from` to `to`, without line end and trailing spaces. */
export function matchesLine(literals: LinePattern, text: Uint8Array, from: number, to: number): boolean {
  const first = literals[0]!;
  if (!isAt(text, from, to, first)) return false;
  const last = literals.length - 1;
  let at = from + first.length;
  if (last === 0) return at === to;
  for (let index = 1; index < last; index++) {
    at = endOf(text, at, to, literals[index]!);
    if (at === -1) return false;
  }
  const end = literals[last]!;
  return to - end.length >= at && isAt(text, to - end.length, to, end);
}

function isAt(text: Uint8Array, at: number, to: number, literal: Uint8Array): boolean {
  if (to - at < literal.length) return false;
  for (let index = 0; index < literal.length; index++) {
    if (text[at + index] !== literal[index]) return false;
  }
  return true;
}

/** The position after the first occurrence of the literal; -1 if there is none. */
function endOf(text: Uint8Array, from: number, to: number, literal: Uint8Array): number {
  for (let at = from; at <= to - literal.length; at++) {
    if (isAt(text, at, to, literal)) return at + literal.length;
  }
  return -1;
}
