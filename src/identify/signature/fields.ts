/** Structured fields (RFC 9651) of a request: their raw text, and their dictionaries member by member. */

import { type InnerList, type Item, parseDictionary } from 'structured-headers';

/** A field that is longer, with all its lines, is not read. */
const MAX_FIELD_CHARS = 4_096;

/** A member of a dictionary, with the text of its value as it was sent. */
export interface Member {
  readonly text: string;
  readonly value: Item | InnerList;
}

/** All lines of a field, trimmed; null if the field is absent. @param lowerName of the field. */
export function fieldLines(headers: readonly string[], lowerName: string): string[] | null {
  const lines: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    if (name.length === lowerName.length && name.toLowerCase() === lowerName)
      lines.push(headers[i + 1]!.trim());
  }
  return lines.length === 0 ? null : lines;
}

/** The lines as one value (RFC 9421, section 2.1). Throws `RangeError` if it is longer than 4 KB. */
export function fieldText(lines: readonly string[]): string {
  const value = lines.join(', ');
  if (value.length > MAX_FIELD_CHARS) throw new RangeError('the field is too long');
  return value;
}

/**
 * Parses a dictionary. The parser gives no positions, so the members are separated first, because a signature is made
 * over the signer's own text. Throws if the field cannot be parsed, or if a key is repeated: of two members with one key
 * two parsers may read different ones.
 */
export function membersOf(field: string): Map<string, Member> {
  const members = new Map<string, Member>();
  for (const part of separated(field)) {
    const [entry, ...more] = parseDictionary(part);
    if (entry === undefined || more.length > 0) throw new SyntaxError('the member is ambiguous');
    const [key, value] = entry;
    if (members.has(key)) throw new SyntaxError('the key is repeated');
    members.set(key, { text: part.slice(key.length + 1), value });
  }
  return members;
}

/** Splits at the commas outside of strings. */
function separated(field: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < field.length; at++) {
    const char = field[at];
    if (isQuoted && char === '\\') at++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === ',' && !isQuoted) {
      parts.push(field.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(field.slice(start).trim());
  return parts;
}
