/** The form of a policy that is hashed: canonical JSON (RFC 8785). */

import library from 'canonicalize';

/** The package's types declare a default export that the module does not have. */
const canonicalize = library as unknown as (value: unknown) => string;

/** @param policy a document of any version, as it was stored. */
export function canonicalPolicy(policy: object): string {
  return canonicalize(policy);
}
