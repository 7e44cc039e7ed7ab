/** Parses the fields of a response head and its trailers strictly (RFC 9110, section 5; RFC 9112, section 5). */

import { UpstreamError } from '../../../../forward/failure.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** All control characters except the tab, which a line may contain. They include a lone CR and a lone LF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for control characters.
export const CONTROL = /[\0-\x08\n-\x1f\x7f]/;

/** The meaning of a field for the framing. */
type Role = 'none' | 'length' | 'coding' | 'connection' | 'keep_alive';
const ROLES: ReadonlyMap<string, Role> = new Map([
  ['content-length', 'length'],
  ['transfer-encoding', 'coding'],
  ['connection', 'connection'],
  ['keep-alive', 'keep_alive'],
]);

/** A field of the head. */
export interface HeaderField {
  /** The whole field, including its line end. */
  readonly text: string;
  readonly name: string;
  readonly value: string;
  readonly role: Role;
}

/**
 * Parses fields without a start line, such as trailers.
 * @param text latin1, each line with its end.
 * @returns flat list.
 */
export function parseFields(text: string): string[] {
  const headers: string[] = [];
  for (let at = 0; at < text.length; ) {
    const { text: whole, name, value } = parseHeaderField(text, at);
    headers.push(name, value);
    at += whole.length;
  }
  return headers;
}

/**
 * Parses the field whose line begins at `at`.
 * @throws UpstreamError if it is not valid.
 */
export function parseHeaderField(text: string, at: number): HeaderField {
  let end = text.indexOf('\r\n', at);
  const lineEnd = end;
  while (isBlankAt(text, end + 2)) end = text.indexOf('\r\n', end + 2);
  const isFolded = end !== lineEnd;
  const colon = text.indexOf(':', at);
  const name = colon < 0 || colon > lineEnd ? '' : text.slice(at, colon);
  if (!TOKEN.test(name)) throw badResponse(`${quote(text.slice(at, lineEnd))} is not a header field.`);
  const role = ROLES.get(name.toLowerCase()) ?? 'none';
  if (isFolded && (role === 'length' || role === 'coding'))
    throw badResponse(`${name} is folded over several lines.`);
  const value = isFolded ? unfold(text.slice(colon + 1, end)) : trimmed(text, colon + 1, end);
  if (CONTROL.test(value)) throw badResponse(`The value of the field ${name} has a control character.`);
  return { text: text.slice(at, end + 2), name, value, role };
}

/** Each fold becomes a space (RFC 9112, section 5.2). */
function unfold(value: string): string {
  return trimmed(
    value
      .split('\r\n')
      .map((line) => trimmed(line, 0, line.length))
      .join(' '),
    0,
  );
}

/** Removes surrounding spaces and tabs. Other white space, such as a no-break space, is part of the value. */
function trimmed(text: string, from: number, to = text.length): string {
  let start = from;
  let end = to;
  while (start < end && isBlankAt(text, start)) start++;
  while (end > start && isBlankAt(text, end - 1)) end--;
  return text.slice(start, end);
}

/** Whether there is a space or a tab at that position. */
export function isBlankAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

/** The first 80 characters of a text from the upstream, escaped for a log. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** The error for a response that is not valid HTTP/1. */
export function badResponse(message: string): UpstreamError {
  return new UpstreamError('POSTMETER_BAD_ANSWER', message);
}
