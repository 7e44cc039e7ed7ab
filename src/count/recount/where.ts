/** Tests on members of values that were parsed as a whole. */

import { parseWhere } from '../where.ts';

/** Whether the value passes the test as the operator wrote it; all pass where there is none. */
export function passes(value: unknown, where: string | undefined): boolean {
  if (where === undefined) return true;
  const parsed = parseWhere(where);
  if (!parsed.ok) throw new Error(parsed.message);
  const test = parsed.where;
  const found = followed(value, test.member);
  const isThere = found !== undefined && found !== null;
  switch (test.kind) {
    case 'present':
      return isThere;
    case 'absent':
      return !isThere;
    case 'contains':
      return typeof found === 'string' && found.includes(test.text);
    case 'equals':
      return found !== undefined && test.literals.some((literal) => literal === found) !== test.negated;
  }
}

/** The member at the end of names with dots; undefined where it is missing. */
export function memberOf(value: unknown, names: string): unknown {
  return followed(value, names.split('.'));
}

function followed(value: unknown, names: readonly string[]): unknown {
  let member = value;
  for (const name of names) {
    if (typeof member !== 'object' || member === null || !Object.hasOwn(member, name)) return undefined;
    member = (member as Record<string, unknown>)[name];
  }
  return member;
}

/** The text of an id: a string that is not empty, or a number. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
