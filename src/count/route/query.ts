/** Tests on the query of a request: `rest_route=/wp/v2/posts` is the same door as a path. */

import { decodeEscapes, type PathPattern, parsePattern, spellingsOf } from './path.ts';

/** Stands for any value in a rule. */
const ANY = '*';

export interface QueryTest {
  readonly name: string;
  /** Null: any value. */
  readonly value: string | PathPattern | null;
}

/** Reads a rule's query; an object with `message` is what is wrong with it. */
export function compileQuery(
  query: Readonly<Record<string, string>>,
): QueryTest[] | { readonly name: string; readonly message: string } {
  const tests: QueryTest[] = [];
  for (const [name, text] of Object.entries(query)) {
    const value = wantedValue(text);
    if (typeof value === 'string' && text.startsWith('/')) return { name, message: value };
    tests.push({ name: parameterName(name), value });
  }
  return tests;
}

function wantedValue(text: string): QueryTest['value'] {
  if (text === ANY) return null;
  return text.startsWith('/') ? parsePattern(text) : text;
}

/** A parameter of a request: its name in the one spelling, its value as it was sent. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

const NO_PARAMETERS: readonly Parameter[] = [];

/**
 * Reads a query or an urlencoded form. Some servers separate parameters by semicolons too, so a parameter with one in
 * it is read both ways.
 */
export function parametersOf(query: string): readonly Parameter[] {
  if (query === '') return NO_PARAMETERS;
  const pairs = query.split('&');
  const more = query.includes(';') ? pairs.filter((pair) => pair.includes(';')) : [];
  return [...pairs, ...more.flatMap((pair) => pair.split(';'))].map((pair) => {
    const text = pair.replaceAll('+', ' ');
    const equals = text.indexOf('=');
    if (equals === -1) return { name: parameterName(decodeEscapes(text)), value: '' };
    return { name: parameterName(decodeEscapes(text.slice(0, equals))), value: text.slice(equals + 1) };
  });
}

/** Whether every parameter under test is there with its value. Of several with one name any may fit. */
export function passesQuery(tests: readonly QueryTest[], given: readonly Parameter[]): boolean {
  return tests.every((test) =>
    given.some(({ name, value }) => name === test.name && fits(value, test.value)),
  );
}

/** Whether no parameter under test has another value besides. */
export function hasOnlyPassing(tests: readonly QueryTest[], given: readonly Parameter[]): boolean {
  return tests.every((test) =>
    given.every(({ name, value }) => name !== test.name || fits(value, test.value)),
  );
}

/**
 * Whether a parameter has a value that fits a test and another one that does not. Such a request is read in two ways:
 * PHP takes the last value, others the first.
 * @param queries the tests of rules that all pass.
 */
export function isAmbiguous(
  queries: ReadonlyArray<readonly QueryTest[]>,
  given: readonly Parameter[],
): boolean {
  // Nearly every request has each parameter once.
  if (new Set(given.map(({ name }) => name)).size === given.length) return false;
  return queries.some((tests) => !hasOnlyPassing(tests, given));
}

function fits(given: string, wanted: QueryTest['value']): boolean {
  if (wanted === null) return true;
  if (typeof wanted === 'string') return decodeEscapes(given) === wanted;
  return spellingsOf(decodeEscapes(given)).some((spelling) => wanted.test(spelling));
}

/**
 * The one spelling of a parameter's name, decoded. PHP reads `rest.route`, ` rest_route` and `rest_route` before a NUL
 * as `rest_route`, and `ids[]` and `ids[1]` as the list `ids`; other servers do not know them at all.
 */
export function parameterName(name: string): string {
  return name
    .replace(/\0.*/s, '')
    .trimStart()
    .replace(/^([^[]+)\[[^\]]*\].*$/s, '$1')
    .replace(/[ .[]/g, '_');
}
