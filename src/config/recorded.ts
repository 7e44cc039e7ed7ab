/** A configuration as the ledger records it: its text in one form, and the hash by which evidence names it. */

import library from 'canonicalize';
import type { Sha256 } from '../meter/chain/leaves.ts';
import type { Config } from './schema.ts';

/** RFC 8785. Its types name a default export that the module does not have. */
const canonicalize = library as unknown as (value: unknown) => string;

export interface RecordedConfiguration {
  /** Hex of SHA-256 over `content`. */
  readonly hash: string;
  /** JSON with every default filled in. A configuration holds no secrets: they are in the environment. */
  readonly content: string;
}

export function recordedConfiguration(config: Config, sha256: Sha256): RecordedConfiguration {
  // Absent fields and fields that are undefined read the same.
  const content = canonicalize(JSON.parse(JSON.stringify(config)));
  return { content, hash: Buffer.from(sha256(new TextEncoder().encode(content))).toString('hex') };
}
