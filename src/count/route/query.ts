/** Tests on the query of a request: `rest_route=/wp/v2/posts` addresses a resource like a path does. */

import { decodeEscapes, normalPathsOf, type PathPattern, parsePattern } from './path.ts';
import type { RouteProblems } from './problem.ts';

/** Matches any value in a rule. */
const ANY = '*';

export interface QueryTest {
  readonly name: string;
  /** Null for any value. */
  readonly value: string | PathPattern | null;
}

/** Compiles a rule's query. */
export function compileQuery(query: Readonly<Record<string, string>>, problems: RouteProblems): QueryTest[] {
  return Object.entries(query).map(([name, text]) => {
    const value = problems.read(['query', name], () => wantedValue(text));
    return { name: parameterName(name), value };
  });
}

function wantedValue(text: string): QueryTest['value'] {
  if (text === ANY) return null;
  return text.startsWith('/') ? parsePattern(text) : text;
}

/** A parameter of a request: its normalised name, and its value as it was sent. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

const NO_PARAMETERS: readonly Parameter[] = [];

/**
 * Parses a query or an urlencoded form. Some servers also separate parameters by semicolons, so a parameter that
 * contains one is parsed both ways.
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

/** Whether every parameter under test is present with its value. Of several with the same name any may match. */
export function passesQuery(tests: readonly QueryTest[], given: readonly Parameter[]): boolean {
  return tests.every((test) =>
    given.some(({ name, value }) => name === test.name && fits(value, test.value)),
  );
}

/** Whether no parameter under test has an additional, different value. */
export function hasOnlyPassing(tests: readonly QueryTest[], given: readonly Parameter[]): boolean {
  return tests.every((test) =>
    given.every(({ name, value }) => name !== test.name || fits(value, test.value)),
  );
}

/**
 * Whether a parameter has both a value that passes a test and one that does not. Servers read such a request
 * differently: PHP uses the last value, others the first.
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
  return normalPathsOf(decodeEscapes(given)).some((spelling) => wanted.test(spelling));
}

/**
 * The normalised, decoded name of a parameter. PHP reads `rest.route`, ` rest_route` and `rest_route` followed by NUL
 * as `rest_route`, and `ids[]` and `ids[1]` as the list `ids`; other servers do not recognise these names.
 */
export function parameterName(name: string): string {
  return name
    .replace(/\0.*/s, '')
    .trimStart()
    .replace(/^([^[]+)\[[^\]]*\].*$/s, '$1')
    .replace(/[ .[]/g, '_');
}
