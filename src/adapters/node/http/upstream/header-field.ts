/** The fields of an answer's head and trailer section, read strictly (RFC 9110, section 5; RFC 9112, section 5). */

import { UpstreamError } from '../../../../forward/failure.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Of the control characters, a line may hold the tab alone. CR and LF without each other are among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
export const CONTROL = /[\0-\x08\n-\x1f\x7f]/;

/** What a field says of the framing. */
type Role = 'none' | 'length' | 'coding' | 'connection' | 'keep_alive';
const ROLES: ReadonlyMap<string, Role> = new Map([
  ['content-length', 'length'],
  ['transfer-encoding', 'coding'],
  ['connection', 'connection'],
  ['keep-alive', 'keep_alive'],
]);

/** A field of the head, with what it says of the framing. */
export interface Field {
  /** The whole field, its line end included. */
  readonly text: string;
  readonly name: string;
  readonly value: string;
  readonly role: Role;
}

/**
 * Fields without a head around them, as behind a chunked body.
 * @param text latin1, each line with its end.
 * @returns flat list.
 */
export function parseFields(text: string): string[] {
  const headers: string[] = [];
  for (let at = 0; at < text.length; ) {
    const { text: whole, name, value } = parseField(text, at);
    headers.push(name, value);
    at += whole.length;
  }
  return headers;
}

/**
 * The field whose line begins at `at`.
 * @throws UpstreamError if it is not valid.
 */
export function parseField(text: string, at: number): Field {
  let end = text.indexOf('\r\n', at);
  const lineEnd = end;
  while (isBlankAt(text, end + 2)) end = text.indexOf('\r\n', end + 2);
  const isFolded = end !== lineEnd;
  const colon = text.indexOf(':', at);
  const name = colon < 0 || colon > lineEnd ? '' : text.slice(at, colon);
  if (!TOKEN.test(name)) throw badAnswer(`${quote(text.slice(at, lineEnd))} is not a header field.`);
  const role = ROLES.get(name.toLowerCase()) ?? 'none';
  if (isFolded && (role === 'length' || role === 'coding'))
    throw badAnswer(`${name} is folded over two lines.`);
  const value = isFolded ? unfold(text.slice(colon + 1, end)) : trimmed(text, colon + 1, end);
  if (CONTROL.test(value)) throw badAnswer(`The value of the field ${name} has a control character.`);
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

/** Without the spaces and tabs around it. Other white space, such as a no-break space, is part of a value. */
function trimmed(text: string, from: number, to = text.length): string {
  let start = from;
  let end = to;
  while (start < end && isBlankAt(text, start)) start++;
  while (end > start && isBlankAt(text, end - 1)) end--;
  return text.slice(start, end);
}

/** Whether a space or a tab is at that place. */
export function isBlankAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

/** The beginning of what the upstream wrote, fit for a log. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** The error for an answer that is not valid HTTP/1. */
export function badAnswer(message: string): UpstreamError {
  return new UpstreamError('POSTMETER_BAD_ANSWER', message);
}
