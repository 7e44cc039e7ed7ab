/** Extracts API keys from the places of a request that the configuration names. */

import type { CredentialSource } from './settings.ts';

export interface Credential {
  readonly key: string;
  /** How an unknown key in this place is handled. */
  readonly unknown: 'refuse' | 'pass';
  /** The place from which the key is removed; null if the platform receives it. */
  readonly place: Place | null;
}

/** A header by its lower-case name and its value, or a query parameter as it was sent. */
export type Place = { readonly header: string; readonly value: string } | { readonly parameter: string };

/** The header that carries Postmeter's own keys. A platform that issues keys may use the other places itself. */
const OWN_HEADER = 'x-api-key';

const NONE: readonly Credential[] = [];
const BEARER = /^bearer(?: +|$)/i;

type Source = CredentialSource & { readonly headerName: string; readonly isStripped: boolean };

/**
 * Creates the key finder of a configuration. The finder takes the flat list of received names and values, and the
 * request target. A repeated header yields one credential each time. A place without a value yields the key ''.
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
        // Comparing lengths first avoids the lower-casing of nearly all names.
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

/**
 * Undefined for another scheme, which belongs to the platform. Scheme names are case-insensitive (RFC 9110, section
 * 11.1).
 */
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

/** Decodes a form value (+ is a space). Text that cannot be decoded is used as is and will match no key. */
function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return text;
  }
}

/** Where a request carries its credentials, which are removed before it is forwarded. */
export interface CredentialPlaces {
  /** Flat list of names and values. */
  readonly fields: readonly string[];
  readonly parameters: readonly string[];
}

const NO_PLACES: CredentialPlaces = { fields: [], parameters: [] };

/** Returns the places that contained credentials, by their kind. */
export function credentialPlaces(places: readonly Place[] | undefined): CredentialPlaces {
  if (places === undefined || places.length === 0) return NO_PLACES;
  return {
    fields: places.flatMap((place) => ('header' in place ? [place.header, place.value] : [])),
    parameters: places.flatMap((place) => ('parameter' in place ? [place.parameter] : [])),
  };
}
