/** SHA-256 as hash chains and seals take it. */

import { createHash } from 'node:crypto';
import type { Sha256 } from '../../meter/chain/leaves.ts';

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
