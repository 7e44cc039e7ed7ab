/**
 * Public keys of signers, from JWKs (RFC 7517). They verify by node:crypto, also in workerd. There, options are read only
 * beside the text of a key, and `verify` ignores those of RSA-PSS: `createVerify` and DER work in both runtimes.
 */

import { constants, createPublicKey, createVerify, type KeyObject, verify } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { SignatureAlgorithm, SignatureKey } from '../../identify/signature/key.ts';

/** The salt of rsa-pss-sha512 is as long as its digest (RFC 9421, section 3.3.1). */
const SALT_BYTES = 64;
const MIN_RSA_BITS = 2_048;
/** A longer key costs more time than a verification may take. */
const MAX_RSA_BITS = 4_096;

/**
 * Keys whose private halves are published (RFC 9421, appendix B.1), by thumbprint: RSA, RSA-PSS, P-256, Ed25519. Anyone
 * can sign with them.
 */
const EXAMPLE_KEYS: ReadonlySet<string> = new Set([
  'BHj8s0GPnMEQtkaULIM-PLgEhLBbuGUQ1vMxmBWZzEo',
  'oD0HwocPBSfpNy5W3bpJeyFGY_IQ_YpqxSjQ3Yd-CLA',
  'ydQXMtvbsOsZyFir-Y7A8t7fKEM1gbKPvyFkdpu4fvI',
  'poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U',
]);

/**
 * Imports the keys that can verify signatures, and leaves out the others.
 * @param requiresKid leaves out a key whose `kid` is not its thumbprint, as well-known directories require.
 */
export async function importSignatureKeys(
  jwks: readonly JWK[],
  requiresKid: boolean,
  refused: ReadonlySet<string> = EXAMPLE_KEYS,
): Promise<SignatureKey[]> {
  const keys = await Promise.all(jwks.map(importKey));
  return keys.flatMap((key, at) => {
    const kid = jwks[at]?.kid;
    const isMislabelled = requiresKid && kid !== undefined && kid !== key?.thumbprint;
    return key === null || isMislabelled || refused.has(key.thumbprint) ? [] : [key];
  });
}

async function importKey(jwk: JWK): Promise<SignatureKey | null> {
  try {
    const algorithm = algorithmOf(jwk);
    if (algorithm === null) return null;
    // Members that the draft adds to those of RFC 7517.
    const { nbf, exp } = jwk as { readonly nbf?: unknown; readonly exp?: unknown };
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (algorithm === 'rsa-pss-sha512' && bits !== undefined && (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS))
      return null;
    return {
      algorithm,
      thumbprint: await calculateJwkThumbprint(jwk, 'sha256'),
      notBeforeMs: timeOf(nbf) ?? Number.NEGATIVE_INFINITY,
      notAfterMs: timeOf(exp) ?? Number.POSITIVE_INFINITY,
      verifies: verification(algorithm, key),
    };
  } catch {
    // One malformed key must not hide the others of its directory.
    return null;
  }
}

/** Names of `alg`: those of RFC 9421 and those of JOSE. */
const ALGS: Readonly<Record<SignatureAlgorithm, readonly string[]>> = {
  ed25519: ['ed25519', 'EdDSA', 'Ed25519'],
  'rsa-pss-sha512': ['rsa-pss-sha512', 'PS512'],
  'ecdsa-p256-sha256': ['ecdsa-p256-sha256', 'ES256'],
};

function algorithmOf({ kty, crv, alg, use, d, k }: JWK): SignatureAlgorithm | null {
  if (d !== undefined || k !== undefined || (use !== undefined && use !== 'sig')) return null;
  let algorithm: SignatureAlgorithm;
  if (kty === 'OKP' && crv === 'Ed25519') algorithm = 'ed25519';
  else if (kty === 'RSA') algorithm = 'rsa-pss-sha512';
  else if (kty === 'EC' && crv === 'P-256') algorithm = 'ecdsa-p256-sha256';
  else return null;
  return alg === undefined || ALGS[algorithm].includes(alg) ? algorithm : null;
}

function verification(algorithm: SignatureAlgorithm, key: KeyObject): SignatureKey['verifies'] {
  if (algorithm === 'ed25519')
    return (base, signature) => verify(null, Buffer.from(base, 'latin1'), key, signature);
  const der = { key: key.export({ type: 'spki', format: 'der' }), format: 'der', type: 'spki' } as const;
  if (algorithm === 'ecdsa-p256-sha256') {
    const options = { ...der, dsaEncoding: 'ieee-p1363' } as const;
    return (base, signature) => createVerify('sha256').update(base, 'latin1').verify(options, signature);
  }
  const options = { ...der, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT_BYTES };
  return (base, signature) => createVerify('sha512').update(base, 'latin1').verify(options, signature);
}

/** `nbf` and `exp` are seconds since the epoch (RFC 7519). */
function timeOf(value: unknown): number | null {
  return typeof value === 'number' ? value * 1000 : null;
}
