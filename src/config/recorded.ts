/** A configuration as recorded in the ledger: its canonical text, and the hash by which evidence refers to it. */

import library from 'canonicalize';
import type { Sha256 } from '../meter/chain/leaves.ts';
import type { Config } from './schema.ts';

/** RFC 8785. The package's types declare a default export that the module does not have. */
const canonicalize = library as unknown as (value: unknown) => string;

/** Ends the version under which isolates at the edge count (build metadata, Semantic Versioning 2.0.0, section 10). */
export const AT_THE_EDGE = '+edge';

export interface RecordedConfiguration {
  /** Hex SHA-256 of `content`. */
  readonly hash: string;
  /** JSON with every default filled in. It contains no secrets, because those are in the environment. */
  readonly content: string;
}

export function recordedConfiguration(config: Config, sha256: Sha256): RecordedConfiguration {
  // The JSON round trip drops undefined fields, so that they hash like absent ones.
  const content = canonicalize(JSON.parse(JSON.stringify(config)));
  return { content, hash: Buffer.from(sha256(new TextEncoder().encode(content))).toString('hex') };
}
