/** Finds API keys in a request, where the configuration says that they stand. */

import type { CredentialSource } from './settings.ts';

export interface Credential {
  readonly key: string;
  /** What an unknown key in this place means. */
  readonly unknown: 'refuse' | 'pass';
  /** Where it is taken out of the request; null if the platform gets it. */
  readonly place: Place | null;
}

/** A header by its name in lower case and its value, or a parameter of the query as it was sent. */
export type Place = { readonly header: string; readonly value: string } | { readonly parameter: string };

/** The header in which Postmeter's own keys come. A platform that issues keys may use the others itself. */
const OWN_HEADER = 'x-api-key';

const NONE: readonly Credential[] = [];
const BEARER = /^bearer(?: +|$)/i;

type Source = CredentialSource & { readonly headerName: string; readonly isStripped: boolean };

/**
 * Makes the finder of a configuration. It takes the flat array of names and values as they arrived (a header that
 * stands twice is two credentials) and the request target. A place that holds nothing holds the key ''.
 */
export function credentialFinder(
  sources: readonly CredentialSource[],
): (rawHeaders: readonly string[], target: string) => readonly Credential[] {
  const inHeaders = sources.filter((source) => source.from !== 'query').map(named);
  const inQuery = new Map(
    sources.filter((source) => source.from === 'query').map((source) => [source.name, source]),
  );
  return (rawHeaders, target) => {
    let found: Credential[] | undefined;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!;
      for (const source of inHeaders) {
        // The length first: it spares nearly all names the change of case.
        if (name.length !== source.headerName.length || name.toLowerCase() !== source.headerName) continue;
        const key = source.from === 'bearer' ? bearerToken(rawHeaders[at + 1]!) : rawHeaders[at + 1]!;
        if (key === undefined) continue;
        const { headerName: header, unknown, isStripped } = source;
        const place = isStripped ? { header, value: rawHeaders[at + 1]! } : null;
        found = [...(found ?? NONE), { key, unknown, place }];
      }
    }
    return inQuery.size === 0 ? (found ?? NONE) : [...(found ?? NONE), ...queryKeys(target, inQuery)];
  };
}

function named(source: CredentialSource): Source {
  const headerName = source.from === 'header' ? source.name.toLowerCase() : 'authorization';
  return { ...source, headerName, isStripped: source.strip ?? headerName === OWN_HEADER };
}

/** Undefined for another scheme (RFC 9110, 11.1: its name is case-insensitive): that is the platform's own affair. */
function bearerToken(value: string): string | undefined {
  const scheme = BEARER.exec(value);
  return scheme === null ? undefined : value.slice(scheme[0].length);
}

function* queryKeys(target: string, names: ReadonlyMap<string, CredentialSource>): Generator<Credential> {
  const queryAt = target.indexOf('?');
  if (queryAt < 0) return;
  for (const pair of target.slice(queryAt + 1).split('&')) {
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const source = names.get(decoded(name));
    if (source === undefined) continue;
    yield {
      key: decoded(value),
      unknown: source.unknown,
      place: source.strip === true ? { parameter: pair } : null,
    };
  }
}

/** As a form writes it (+ is a space). What cannot be decoded stays as it is: it is then a key that nobody has. */
function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return text;
  }
}
