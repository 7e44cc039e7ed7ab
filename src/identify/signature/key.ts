/** Keys that verify signatures, by the pair of the signer's name and the thumbprint of the key. */

import type { Signer } from './signer.ts';

/** Names of RFC 9421, section 6.2. HMAC is not among them: its keys are secrets. */
const SIGNATURE_ALGORITHMS = ['ed25519', 'rsa-pss-sha512', 'ecdsa-p256-sha256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

export function isSignatureAlgorithm(name: string): name is SignatureAlgorithm {
  return (SIGNATURE_ALGORITHMS as readonly string[]).includes(name);
}

export interface SignatureKey {
  readonly algorithm: SignatureAlgorithm;
  /** Base64url of SHA-256 over the key (RFC 7638). */
  readonly thumbprint: string;
  /** Validity in epoch milliseconds, from `nbf` and `exp` of the JWK. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Whether the key has made the signature over the text. */
  readonly verifies: (base: string, signature: Uint8Array) => boolean;
}

export type KeyReason = 'directory_unknown' | 'directory_failed' | 'key_unknown' | 'key_not_valid_now';

export type KeyResult =
  | { readonly kind: 'key'; readonly key: SignatureKey }
  | { readonly kind: 'none'; readonly reason: KeyReason };

/**
 * The keys of known signers, in memory. The lookup is by signer and thumbprint: by the thumbprint alone, a key from one
 * directory would speak for the name of another.
 */
export interface KnownKeys {
  /** @param caller the network from which the signer is named, whose new directories are limited. */
  find(signer: Signer, thumbprint: string, caller: string, nowMs: number): KeyResult;
}
