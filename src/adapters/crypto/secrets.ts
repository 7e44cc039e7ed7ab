/** Keys and tokens from the system's random source, and their hashes. */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../../admin/port.ts';

const SECRET_BYTES = 32;

/** `keySecret` keys the hashes of API keys, so that stolen tables of the ledger are not enough to test guessed keys. */
export function nodeSecrets(keySecret: Buffer): Secrets {
  return {
    newKey: () => `pmk_${randomText()}`,
    hashKey: (key) => createHmac('sha256', keySecret).update(key).digest('hex'),
    newToken,
    newSigningSecret: () => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`,
    hashToken,
    same: (a, b) => {
      const [left, right] = [Buffer.from(a), Buffer.from(b)];
      return left.length === right.length && timingSafeEqual(left, right);
    },
  };
}

/** `pmt_` and 32 random bytes, base64url. */
export function newToken(): string {
  return `pmt_${randomText()}`;
}

/** Hex of SHA-256. A token is random enough to need no salt. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function randomText(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
