/** Whether a signature covers what it must, and is fresh (draft-ietf-webbotauth-httpsig-protocol, RFC 9421). */

import type { SignedFacts } from '../asker/port.ts';
import { isSignatureAlgorithm } from './key.ts';
import type { ClaimedSignature } from './read.ts';
import type { SignatureSettings } from './settings.ts';

export type SignatureBounds = Pick<SignatureSettings, 'maxLifeSeconds' | 'maxAheadSeconds' | 'boundSeconds'>;

export type CoverReason =
  | 'authority_not_covered'
  | 'signer_missing'
  | 'signer_unusable'
  | 'signer_not_covered'
  | 'component_repeated'
  | 'created_missing'
  | 'created_ahead'
  | 'expires_missing'
  | 'expired'
  | 'life_too_long'
  | 'algorithm_not_allowed'
  | 'keyid_not_thumbprint';

/** Base64url of SHA-256 (RFC 7638). */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/** Why a signature is not acceptable, before any key is known; null if it is. */
export function coverFault(
  signature: ClaimedSignature,
  bounds: SignatureBounds,
  nowMs: number,
): CoverReason | null {
  const { ids, alg, keyid } = signature;
  if (signature.hasRepeats) return 'component_repeated';
  if (!ids.has('"@authority"') && !ids.has('"@target-uri"')) return 'authority_not_covered';
  if (alg !== null && !isSignatureAlgorithm(alg)) return 'algorithm_not_allowed';
  if (keyid === null || !THUMBPRINT.test(keyid)) return 'keyid_not_thumbprint';
  const stale = freshnessFault(signature, bounds, nowMs);
  if (stale !== null) return stale;
  if (signature.signer === 'absent') return 'signer_missing';
  if (signature.signer === 'unusable') return 'signer_unusable';
  return ids.has(signature.signerComponent) ? null : 'signer_not_covered';
}

function freshnessFault(
  { created, expires }: ClaimedSignature,
  { maxLifeSeconds, maxAheadSeconds }: SignatureBounds,
  nowMs: number,
): CoverReason | null {
  if (created === null) return 'created_missing';
  // Without it the signature could be replayed for ever.
  if (expires === null) return 'expires_missing';
  if (created * 1000 > nowMs + maxAheadSeconds * 1000) return 'created_ahead';
  if (nowMs > expires * 1000) return 'expired';
  return expires - created > maxLifeSeconds ? 'life_too_long' : null;
}

/**
 * Whether a signature proves this one request: it is young, and covers the method and the whole target. A signature over
 * less verifies for other requests too until it expires, so anyone who has seen it can repeat it.
 */
export function coversRequest(
  { ids, created }: ClaimedSignature,
  request: SignedFacts,
  bounds: SignatureBounds,
): boolean {
  const hasQuery = request.target.includes('?');
  const coversTarget = ids.has('"@target-uri"') || (ids.has('"@path"') && (!hasQuery || ids.has('"@query"')));
  const isYoung = created !== null && request.nowMs <= (created + bounds.boundSeconds) * 1000;
  return ids.has('"@method"') && coversTarget && isYoung;
}
