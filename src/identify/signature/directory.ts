/** What a signer publishes: a JWK Set, alone or in a client document, and how long it is fresh. */

import type { JWK } from 'jose';

/** A document as it was fetched, decoded and bounded. */
export interface FetchedDocument {
  readonly contentType: string | null;
  readonly cacheControl: string | null;
  readonly body: Uint8Array;
}

export type DirectoryContent =
  | { readonly kind: 'keys'; readonly keys: readonly JWK[] }
  /** A client document that names its JWK Set. */
  | { readonly kind: 'elsewhere'; readonly url: string }
  | { readonly kind: 'fault'; readonly reason: DirectoryFault };

export type DirectoryFault = 'media_type' | 'not_json' | 'no_keys' | 'too_many_keys';

const MEDIA_TYPE = 'application/http-message-signatures-directory+json';
const MAX_KEYS = 32;
const MIN_FRESH_S = 300;
const MAX_FRESH_S = 86_400;
/** A directory that does not say how long it is fresh. */
const DEFAULT_FRESH_S = 3_600;

/** @param isWellKnown whether the document is a well-known directory, which must have the media type of the draft. */
export function readDirectory(fetched: FetchedDocument, isWellKnown: boolean): DirectoryContent {
  const mediaType = fetched.contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (isWellKnown && mediaType !== MEDIA_TYPE) return { kind: 'fault', reason: 'media_type' };
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fetched.body));
  } catch {
    return { kind: 'fault', reason: 'not_json' };
  }
  const set = membersOfObject(document);
  const keys = set.keys ?? membersOfObject(set.jwks).keys;
  if (Array.isArray(keys)) {
    // A longer search for one key would let a signer choose its cost.
    if (keys.length > MAX_KEYS) return { kind: 'fault', reason: 'too_many_keys' };
    return { kind: 'keys', keys: keys.filter((key) => typeof key === 'object' && key !== null) };
  }
  const url = set.jwks_uri;
  return typeof url === 'string' && !isWellKnown
    ? { kind: 'elsewhere', url }
    : { kind: 'fault', reason: 'no_keys' };
}

function membersOfObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Seconds for which a directory is fresh by its Cache-Control, between 5 minutes and 24 hours. */
export function freshSeconds(cacheControl: string | null): number {
  const directives = (cacheControl ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (directives.some((directive) => /^no-(?:store|cache)\b/.test(directive))) return MIN_FRESH_S;
  const maxAge = directives.find((directive) => /^max-age=\d{1,10}$/.test(directive));
  const seconds = maxAge === undefined ? DEFAULT_FRESH_S : Number(maxAge.slice('max-age='.length));
  return Math.min(MAX_FRESH_S, Math.max(MIN_FRESH_S, seconds));
}
