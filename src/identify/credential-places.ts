/** Where a request carries its credentials, which are removed before it is forwarded. */

import type { Place } from './credentials.ts';

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
