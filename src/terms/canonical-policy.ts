/** The form of a policy that is hashed: canonical JSON (RFC 8785). */

import library from 'canonicalize';
import type { Policy } from './policy.ts';

/** The package's types declare a default export that the module does not have. */
const canonicalize = library as unknown as (value: unknown) => string;

export function canonicalPolicy(policy: Policy): string {
  return canonicalize(policy);
}
