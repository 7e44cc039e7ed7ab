/** Finds API keys in a request, where the configuration says that they stand. */

import type { CredentialSource } from './settings.ts';

export interface Credential {
  readonly key: string;
  /** What an unknown key in this place means. */
  readonly unknown: 'refuse' | 'pass';
}

const NONE: readonly Credential[] = [];
const BEARER = /^bearer(?: +|$)/i;

type Source = CredentialSource & { readonly headerName: string };

/**
 * Makes the finder of a configuration. It takes the flat array of names and values as they arrived (a header that
 * stands twice is two credentials) and the request target. A place that holds nothing holds the key ''.
 */
export function credentialFinder(
  sources: readonly CredentialSource[],
): (rawHeaders: readonly string[], target: string) => readonly Credential[] {
  const inHeaders = sources.filter((source) => source.from !== 'query').map(named);
  const inQuery = new Map(
    sources.filter((source) => source.from === 'query').map((source) => [source.name, source.unknown]),
  );
  return (rawHeaders, target) => {
    let found: Credential[] | undefined;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!;
      for (const source of inHeaders) {
        // The length first: it spares nearly all names the change of case.
        if (name.length !== source.headerName.length || name.toLowerCase() !== source.headerName) continue;
        const key = source.from === 'bearer' ? bearerToken(rawHeaders[at + 1]!) : rawHeaders[at + 1]!;
        if (key !== undefined) found = [...(found ?? NONE), { key, unknown: source.unknown }];
      }
    }
    return inQuery.size === 0 ? (found ?? NONE) : [...(found ?? NONE), ...queryKeys(target, inQuery)];
  };
}

function named(source: CredentialSource): Source {
  return { ...source, headerName: source.from === 'bearer' ? 'authorization' : source.name.toLowerCase() };
}

/** Undefined for another scheme (RFC 9110, 11.1: its name is case-insensitive): that is the platform's own affair. */
function bearerToken(value: string): string | undefined {
  const scheme = BEARER.exec(value);
  return scheme === null ? undefined : value.slice(scheme[0].length);
}

function* queryKeys(target: string, names: ReadonlyMap<string, 'refuse' | 'pass'>): Generator<Credential> {
  const queryAt = target.indexOf('?');
  if (queryAt < 0) return;
  for (const pair of target.slice(queryAt + 1).split('&')) {
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const unknown = names.get(decoded(name));
    if (unknown !== undefined) yield { key: decoded(value), unknown };
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
