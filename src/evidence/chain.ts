/** The part of a journal's chain that evidence contains: built from batches, and checked without them. */

import { inForce } from '../meter/chain/configurations.ts';
import { type Leaf, leafHash, leafKey, type Sha256, usageOf } from '../meter/chain/leaves.ts';
import { contentRoot, leafHashes, linkHash } from '../meter/chain/link.ts';
import { proofOf, rootFrom } from '../meter/chain/tree.ts';
import type { Usage } from '../meter/usage.ts';
import { type Finding, finding } from '../verify/finding.ts';
import type { KeptBatch } from '../verify/port.ts';
import type { EvidenceChain, EvidenceLink } from './format.ts';

/** Returns the link of a batch: the leaves for which `isShown` is true, or only the root if there are none. */
export function linkOf(
  batch: KeptBatch,
  leaves: readonly Leaf[],
  isShown: (leaf: Leaf) => boolean,
  sha256: Sha256,
): EvidenceLink {
  const { firstSequence, lastSequence, takenAtMs, kind, gaps, salt } = batch;
  const facts = {
    ...{ firstSequence, lastSequence, takenAtMs },
    ...(kind === 'lost' && { kind }),
    ...(gaps.length > 0 && { gaps: gaps.map(gapTuple) }),
  };
  const shown = [...leaves.keys()].filter((index) => isShown(leaves[index]!));
  if (shown.length === 0) return { ...facts, root: base64url(contentRoot(salt, leaves, sha256)) };
  const hashes = leafHashes(salt, leaves, sha256);
  return {
    ...facts,
    leafCount: leaves.length,
    leaves: shown.map((index) => ({
      index,
      key: base64url(leafKey(salt, leaves[index]!, sha256)),
      leaf: [leaves[index]![0], leaves[index]![1], leaves[index]![2].map((row) => [...row])],
      proof: proofOf(hashes, index, sha256).map(base64url),
    })),
  };
}

/** Returns the faults of the chain, and the usage that its leaves prove. */
export function checkChain(chain: EvidenceChain, sha256: Sha256): { findings: Finding[]; usage: Usage[] } {
  const findings: Finding[] = [];
  const usage: Usage[] = [];
  let hash = bytesOf(chain.previous);
  let before: number | null = null;
  for (const link of chain.links) {
    const subject = `journals/${chain.journalId}/${link.lastSequence}`;
    if (link.lastSequence < link.firstSequence || (before !== null && link.firstSequence !== before + 1)) {
      const found = `records ${link.firstSequence} to ${link.lastSequence}`;
      findings.push(finding('chain_sequence', subject, `records from ${(before ?? 0) + 1} on`, found));
    }
    before = link.lastSequence;
    const root = rootOfLink(link, sha256);
    if (root === null) {
      findings.push(finding('batch_content', subject, 'proofs that lead to one root', 'proofs that do not'));
      continue;
    }
    usage.push(...usageOf((link.leaves ?? []).map(({ leaf }) => leaf)));
    const gaps = (link.gaps ?? []).map(([fromMs, toMs, responses, posts]) => ({
      fromMs,
      toMs,
      responses,
      posts,
    }));
    const { journalId } = chain;
    const configurations = inForce(chain.configurations ?? [], link.firstSequence, link.lastSequence);
    const epochs = inForce(chain.epochs ?? [], link.firstSequence, link.lastSequence);
    const facts = { ...link, journalId, kind: link.kind ?? ('usage' as const), gaps, configurations, epochs };
    hash = linkHash(hash, facts, root, sha256);
  }
  if (base64url(hash) !== chain.end) {
    findings.push(finding('chain_hash', `journals/${chain.journalId}`, chain.end, base64url(hash)));
  }
  return { findings, usage };
}

/** Returns null if the leaves do not lead to one root, or if one appears twice. */
function rootOfLink({ root, leafCount = 0, leaves = [] }: EvidenceLink, sha256: Sha256): Uint8Array | null {
  if (leaves.length === 0) return root === undefined ? null : bytesOf(root);
  if (root !== undefined || new Set(leaves.map(({ index }) => index)).size !== leaves.length) return null;
  const roots = leaves.map(({ index, key, leaf, proof }) =>
    rootFrom(leafHash(bytesOf(key), leaf, sha256), index, leafCount, proof.map(bytesOf), sha256),
  );
  const [first] = roots;
  if (first === undefined || first === null) return null;
  const firstRoot = base64url(first);
  return roots.every((one) => one !== null && base64url(one) === firstRoot) ? first : null;
}

function gapTuple({
  fromMs,
  toMs,
  responses,
  posts,
}: KeptBatch['gaps'][number]): [number, number, number, number] {
  return [fromMs, toMs, responses, posts];
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
}
