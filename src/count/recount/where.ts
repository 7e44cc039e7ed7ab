/** Tests on members of fully parsed values. */

import { originOf } from '../json/address.ts';
import { parseMember, parseWhere, valuePasses } from '../where.ts';

/** Whether the value passes the test as the operator wrote it; every value passes if there is no test. */
export function passes(value: unknown, text: string | undefined): boolean {
  if (text === undefined) return true;
  const where = parseWhere(text);
  return valuePasses(where, followed(value, where.member));
}

/** Whether the addresses at both members have the same origin; every value passes if there is no such test. */
export function hasSameOrigin(value: unknown, members: readonly [string, string] | undefined): boolean {
  if (members === undefined) return true;
  const [one, other] = members.map((names) => {
    const at = memberAtPath(value, names);
    const address = typeof at === 'string' ? at : memberAtPath(at, 'id');
    return typeof address === 'string' ? originOf(address) : undefined;
  });
  return one !== undefined && one === other;
}

/** The member named by a dotted path; undefined if it is missing. */
export function memberAtPath(value: unknown, names: string): unknown {
  return followed(value, parseMember(names));
}

function followed(value: unknown, names: readonly string[]): unknown {
  let member = value;
  for (const name of names) {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return undefined;
    if (!Object.hasOwn(member, name)) return undefined;
    member = (member as Record<string, unknown>)[name];
  }
  return member;
}

/** The text of an id: a non-empty string, or a number. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
