/** SHA-256 as hash chains and seals take it. */

import { hash } from 'node:crypto';
import type { Sha256 } from '../../meter/chain/leaves.ts';

/** At once: 2.0 µs, where a hash object takes 3.3, and a batch has three hashes a leaf. */
export const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');

/** SHA-256 over the text's UTF-8. */
export function sha256OfText(text: string): Uint8Array {
  return hash('sha256', text, 'buffer');
}
