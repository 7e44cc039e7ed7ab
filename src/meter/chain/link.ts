/**
 * The links of a journal's hash chain. Each batch that the ledger takes is hashed together with the one before it,
 * so that none can be changed, omitted or inserted later without changing every hash after it.
 */

import type { JournalGap } from '../gaps.ts';
import type { LinkConfiguration, LinkEpoch } from './configurations.ts';
import { joined, type Leaf, leafHash, leafKey, type Sha256 } from './leaves.ts';
import { rootOf } from './tree.ts';

/** `lost` marks records that neither ledger nor journal has any more. */
export type BatchKind = 'usage' | 'lost';

/** The facts of a batch in its link, besides the root of its content. */
export interface LinkFacts {
  readonly journalId: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly kind: BatchKind;
  /** The ledger's clock when it took the batch, epoch milliseconds UTC. */
  readonly takenAtMs: number;
  readonly gaps: readonly JournalGap[];
  /** The configurations under which the records were metered; empty for older links. */
  readonly configurations: readonly LinkConfiguration[];
  /** Under which policy and registry requests were decided; absent or empty for older links. */
  readonly epochs?: readonly LinkEpoch[];
}

export const SALT_BYTES = 16;

/** The predecessor of the first link of every chain. */
export const GENESIS: Uint8Array = new Uint8Array(32);

/** The root of a batch's leaves. `salt` is `SALT_BYTES` random bytes of this batch alone. */
export function contentRoot(salt: Uint8Array, leaves: readonly Leaf[], sha256: Sha256): Uint8Array {
  return rootOf(leafHashes(salt, leaves, sha256), sha256);
}

export function leafHashes(salt: Uint8Array, leaves: readonly Leaf[], sha256: Sha256): Uint8Array[] {
  return leaves.map((leaf) => leafHash(leafKey(salt, leaf, sha256), leaf, sha256));
}

/** SHA-256(0x02, hash of the link before, root of the content, JSON of the facts in this order). */
export function linkHash(
  previous: Uint8Array,
  facts: LinkFacts,
  root: Uint8Array,
  sha256: Sha256,
): Uint8Array {
  // The ledger stores gaps by time. After a clock steps back, they arrive in another order.
  const inTime = facts.gaps.toSorted((a, b) => a.fromMs - b.fromMs);
  const gaps = inTime.map(({ fromMs, toMs, responses, posts }) => [fromMs, toMs, responses, posts]);
  const { journalId, firstSequence, lastSequence, kind, takenAtMs } = facts;
  const stated = [journalId, firstSequence, lastSequence, kind, takenAtMs, gaps];
  const configurations = facts.configurations.map(({ sequence, hash, version, fromMs }) => [
    ...[sequence, hash, version, fromMs],
  ]);
  const epochs = (facts.epochs ?? []).map(({ sequence, policyVersion, rightsSequence, atMs }) => [
    ...[sequence, policyVersion, rightsSequence, atMs],
  ]);
  // Omitted if empty, because the hashes of older links must not change.
  const rest =
    epochs.length > 0 ? [configurations, epochs] : configurations.length > 0 ? [configurations] : [];
  const text = JSON.stringify([...stated, ...rest]);
  return sha256(joined(Uint8Array.of(2), previous, root, new TextEncoder().encode(text)));
}
